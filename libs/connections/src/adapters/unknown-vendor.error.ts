import { ConnectionsError } from '../errors/connections.error.ts';

/** The application has no adapter for this vendor. */
export class UnknownVendorError extends ConnectionsError {
  readonly code = 'not_found';

  constructor(readonly vendors: readonly string[]) {
    super(`Unknown vendor. Use one of: ${vendors.join(', ')}.`);
  }
}
