import type { IncomingHttpHeaders } from 'node:http';
import type { SandboxMail } from '@score-crm/adapter-kit/sandbox';
import type { RecipientJson, TransmissionJson } from './transmission-json.ts';

/** A transmission that was answered with success. */
export interface AcceptedMail extends SandboxMail {
  readonly json: TransmissionJson;
  /** Those that were accepted. */
  readonly accepted: readonly RecipientJson[];
  /** The request's own headers. */
  readonly headers: IncomingHttpHeaders;
}
