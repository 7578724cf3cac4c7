import type { IncomingHttpHeaders } from 'node:http';
import type { SandboxMail } from '@score-crm/adapter-kit/sandbox';
import type { RecipientJson, TransmissionJson } from './transmission-json.ts';

/** A transmission that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: TransmissionJson;
  /** The accepted recipients. */
  readonly accepted: readonly RecipientJson[];
  /** The headers of the HTTP request. */
  readonly headers: IncomingHttpHeaders;
}
