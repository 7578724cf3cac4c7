import { AdapterError, type HttpResponse } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { MailClient } from './mail-client.ts';
import { type MailData, MailService } from './mail-service.ts';

/**
 * `POST /v3/mail/send`, built and checked by the vendor's own library.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 * @throws AdapterError
 */
export async function sendMail(
  api: SendgridApi,
  settings: SendgridSettings,
  data: MailData,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const client = new MailClient(api, settings, signal);
  // Created for this call only: a shared one would keep the client, and with it the key, of another connection.
  const service = new MailService();
  service.setClient(client);
  try {
    await service.send(data);
  } catch (error) {
    throw error instanceof AdapterError ? error : refusedByLibrary();
  }
  if (client.response === undefined) throw refusedByLibrary();
  return client.response;
}

function refusedByLibrary(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_request',
    fault: 'sender',
    retryable: false,
    hint: 'SendGrid’s library rejected the message. Check that all of its members have the right type.',
  });
}
