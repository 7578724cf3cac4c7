import type { AdapterErrorDetails } from '@score-crm/adapter-kit';

/** Nobody was accepted, or whether somebody was is not known; `details.hint` says so. Nothing is stored of it. */
export class SendFailedError extends Error {
  override readonly name = 'SendFailedError';

  /** @param details without secrets */
  constructor(readonly details: AdapterErrorDetails) {
    super(`The message was not sent: ${details.code} (${details.stage}). ${details.hint}`);
  }
}
