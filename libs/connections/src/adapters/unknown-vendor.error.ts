export class UnknownVendorError extends Error {
  override readonly name = 'UnknownVendorError';

  constructor(readonly vendors: readonly string[]) {
    super(`There is no such vendor. Use one of: ${vendors.join(', ')}.`);
  }
}
