import { useQuery } from '@tanstack/react-query';

import { configQuery } from '../../shared/api/chats';
import type { ChatSettings, Endpoint, Wishes } from '../../shared/api/types';
import { createStore } from '../../shared/lib/store';

/**
 * What a chat begins with that is not begun yet, who answers the next message only, and a change
 * that the server has not confirmed yet: the next message waits for it.
 */
export const choice = createStore<{ fresh: ChatSettings; once: string | null; saving: Promise<unknown> | null }>(() => ({ fresh: {}, once: null, saving: null }));

/** Settles when the server has all that was changed. */
export async function saved(): Promise<void> {
  await choice.getState().saving;
}

/** What the next message asks for; once it is asked for, it is spent. */
export function takeWishes(sessionId: string | null): Wishes {
  const { fresh, once } = choice.getState();
  choice.setState(sessionId === null ? { fresh: {}, once: null } : { once: null });
  return {
    ...(sessionId === null && Object.keys(fresh).length > 0 ? { settings: fresh } : {}),
    ...(once === null ? {} : { serving_endpoint: once }),
  };
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
