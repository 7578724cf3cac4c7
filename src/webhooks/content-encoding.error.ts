/** A compressed body: its proof is over other bytes than those that would be parsed. */
export class ContentEncodingError extends Error {
  override readonly name = 'ContentEncodingError';

  constructor() {
    super('Send the body as it is, without Content-Encoding.');
  }
}
