/** As many bytes are being received as there is memory for. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';

  constructor() {
    super('Too much is being received at the moment. Try again in a moment.');
  }
}
