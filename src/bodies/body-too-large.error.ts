import { ServiceError } from '../problems/service.error.ts';

/** The body has more bytes than its route accepts. */
export class BodyTooLargeError extends ServiceError {
  readonly code = 'payload_too_large';

  constructor(readonly limit: number) {
    super(`The body is too large. Send at most ${String(limit)} bytes.`);
  }
}
