/** What went wrong with one request, in words that a person may read. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The server was not reached at all, or the connection broke. */
  get isNetwork(): boolean {
    return this.code === 'network';
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}
