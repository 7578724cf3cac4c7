import { ServiceError } from '../problems/service.error.ts';

/** As many bytes are being received as there is memory for. */
export class OverloadedError extends ServiceError {
  readonly code = 'overloaded';

  constructor() {
    super('The service is receiving too much data. Try again in a moment.');
  }
}
