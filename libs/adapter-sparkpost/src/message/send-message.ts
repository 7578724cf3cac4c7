import { AdapterError, type EmailMessage, type SendResult } from '@score-crm/adapter-kit';
import type { SparkpostApi } from '../api/sparkpost-api.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { checkMessage } from './check-message.ts';
import { LIMITS } from './limits.ts';
import { sendResult } from './send-result.ts';
import { transmission } from './transmission.ts';
import type { TransmissionJson } from './transmission-json.ts';

// The vendor needs time for many recipients, and a client that gives up too early sends twice.
const TIMEOUT_MS = 120_000;

/**
 * `POST /transmissions`
 * @throws AdapterError
 */
export async function sendMessage(
  api: SparkpostApi,
  message: EmailMessage,
  settings: SparkpostSettings,
  signal: AbortSignal | undefined,
): Promise<SendResult> {
  checkMessage(message, settings);
  const response = await api.call(settings, {
    method: 'POST',
    resource: 'transmissions',
    body: wireForm(transmission(message, settings)),
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return sendResult(message, settings, response);
}

function wireForm(json: TransmissionJson): string {
  if (contentBytes(json) > LIMITS.contentBytes) {
    throw tooLarge(LIMITS.contentBytes, 'Text and attachments together are', 'Send smaller attachments.');
  }
  const body = JSON.stringify(json);
  if (Buffer.byteLength(body) > LIMITS.requestBytes) {
    throw tooLarge(LIMITS.requestBytes, 'With all recipients, the message is', 'Remove some recipients.');
  }
  return body;
}

function contentBytes({ content }: TransmissionJson): number {
  const { text = '', html = '', attachments = [], inline_images = [] } = content;
  const files = [...attachments, ...inline_images].reduce((bytes, { data }) => bytes + data.length, 0);
  return Buffer.byteLength(text) + Buffer.byteLength(html) + files;
}

function tooLarge(limit: number, what: string, remedy: string): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'message_too_large',
    fault: 'configuration',
    retryable: false,
    hint: `${what} larger than ${String(limit)} bytes. ${remedy}`,
  });
}
