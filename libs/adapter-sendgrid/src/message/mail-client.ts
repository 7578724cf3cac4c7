import { AdapterError, type HttpResponse } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { LIMITS } from './limits.ts';
import type { RequestClient } from './mail-service.ts';

/**
 * The client of a `MailService` for one call. It replaces `@sendgrid/client`, which puts the API key into its timeout
 * errors, follows redirects and reads responses of any size.
 */
export class MailClient implements RequestClient {
  /** The vendor's response, after it arrived. */
  response: HttpResponse | undefined;

  constructor(
    private readonly api: SendgridApi,
    private readonly settings: SendgridSettings,
    private readonly signal: AbortSignal | undefined,
  ) {}

  // `headers` is ignored: MailService passes the message's headers as if they were the request's.
  async request({ url, body }: { readonly url: string; readonly body: object }): Promise<void> {
    const json = JSON.stringify(body);
    if (Buffer.byteLength(json) > LIMITS.bytes) throw tooLarge();
    const { settings, signal } = this;
    this.response = await this.api.call(settings, { method: 'POST', path: url, body: json, signal });
  }
}

function tooLarge(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'message_too_large',
    fault: 'configuration',
    retryable: false,
    hint: `With its attachments the message is larger than ${String(LIMITS.bytes)} bytes. Send smaller attachments.`,
  });
}
