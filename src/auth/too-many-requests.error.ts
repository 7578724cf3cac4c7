export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';

  constructor(readonly retryAfterMs: number) {
    super('Too many failed sign-ins from your address. Wait, then try again with a valid token.');
  }
}
