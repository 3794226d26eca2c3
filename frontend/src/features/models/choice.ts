import { useQuery } from '@tanstack/react-query';

import { configQuery } from '../../shared/api/chats';
import type { ChatSettings, Endpoint, Wishes } from '../../shared/api/types';
import { createPersisted, createStore } from '../../shared/lib/store';

/** What a chat begins with that is not begun yet; kept as its draft is. */
export const fresh = createPersisted<ChatSettings>(
  'fresh-chat',
  {},
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** Who answers the next message only, and a change that the server has not confirmed yet: the next message waits for it. */
export const choice = createStore<{ once: string | null; saving: Promise<unknown> | null }>(() => ({
  once: null,
  saving: null,
}));

/** Settles when the server has all that was changed. */
export async function saved(): Promise<void> {
  await choice.getState().saving;
}

/** What the next message asks for; once it is asked for, it is spent. */
export function takeWishes(sessionId: string | null): Wishes {
  const { once } = choice.getState();
  const settings = sessionId === null ? fresh.getState() : {};
  choice.setState({ once: null });
  if (sessionId === null) fresh.setState({}, true);
  return {
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
    ...(once === null ? {} : { serving_endpoint: once }),
  };
}

/** The chat that was to begin did not: the next one begins so. */
export function giveBackWishes({ settings, serving_endpoint }: Wishes): void {
  fresh.setState({ ...settings, ...fresh.getState() }, true);
  if (serving_endpoint !== undefined) choice.setState({ once: serving_endpoint });
}

const none: Endpoint[] = [];

export function useEndpoints(): Endpoint[] {
  return useQuery(configQuery).data?.endpoints ?? none;
}

/** A reply of Genie's names its space behind the word. */
const genie = /^genie:(?=.)/;

export function nameOf(endpoints: readonly Endpoint[], model: string): string {
  if (genie.test(model)) return model === 'genie:Genie' ? 'Genie' : model.replace(genie, 'Genie · ');
  return endpoints.find((endpoint) => endpoint.name === model)?.display_name ?? model;
}
