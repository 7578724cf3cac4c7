/** As many bytes are being received as there is memory for. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';

  constructor() {
    super('The service is receiving too much data. Try again in a moment.');
  }
}
