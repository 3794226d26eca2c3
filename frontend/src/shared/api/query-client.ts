import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { reportLost } from '../lib/connection';
import { reportSignedOut } from '../lib/session';
import { isApiError } from './errors';

/** The two failures that concern the whole page, whichever request meets them. */
export function reportFailure(error: unknown): void {
  if (!isApiError(error)) return;
  if (error.isSignedOut) reportSignedOut();
  if (error.isNetwork) reportLost();
}

function worthRetrying(failures: number, error: unknown): boolean {
  return failures < 2 && isApiError(error) && error.status >= 500;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: reportFailure }),
  mutationCache: new MutationCache({ onError: reportFailure }),
  defaultOptions: {
    // Whether the browser believes to be online says nothing about this server.
    queries: { retry: worthRetrying, staleTime: 10_000, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});
