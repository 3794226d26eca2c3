/** What went wrong with one request, in words that a person may read. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string | null = null,
    readonly retryAfter: number | null = null,
    /** How far the chat has come meanwhile, where that is the trouble. */
    readonly revision: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The server was not reached at all, or the connection broke. */
  get isNetwork(): boolean {
    return this.code === 'network';
  }

  get isConflict(): boolean {
    return this.code === 'revision_conflict';
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}
