import { ServiceError } from '../problems/service.error.ts';

/** The body did not arrive in time. */
export class SlowBodyError extends ServiceError {
  readonly code = 'body_timeout';

  constructor(deadlineMs: number) {
    super(`The body did not arrive within ${String(deadlineMs / 1000)} seconds. Send it faster.`);
  }
  /** The rest of the body is not worth waiting for. */
  override get headers(): { readonly connection: 'close' } {
    return { connection: 'close' };
  }
}
