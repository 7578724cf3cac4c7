import { ServiceError } from '../problems/service.error.ts';

/** One address is sending more unauthenticated bodies than there is memory for. */
export class CrowdedNetworkError extends ServiceError {
  readonly code = 'too_many_requests';

  constructor() {
    super('Too many bodies are arriving from this address. Send fewer at a time.');
  }
  /** The rest of the body is not worth waiting for. */
  override get headers(): { readonly connection: 'close' } {
    return { connection: 'close' };
  }
}
