import { AdapterError, type EmailMessage, type Probe, type SendResult } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import { checkMessage } from '../message/check-message.ts';
import { mailData } from '../message/mail-data.ts';
import { refuse } from '../message/refuse.ts';
import { sendMail } from '../message/send-mail.ts';
import { sendResult } from '../message/send-result.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';

const MOST_RECIPIENTS = 10;

/** Sends the test message to those who shall get it. */
export async function sendTest(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  signal: AbortSignal,
): Promise<SendResult> {
  const { to = [] } = probe;
  if (to.length > MOST_RECIPIENTS) {
    refuse('invalid_request', ['to'], `A test goes to ${String(MOST_RECIPIENTS)} recipients at most. Name fewer.`);
  }
  const message = testMessage(probe, to);
  return sendResult(message, await sendMail(api, settings, mailData(message), signal));
}

/** Has the vendor check a message from the sender, to himself, without sending it. */
export async function checkSender(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  signal: AbortSignal,
): Promise<undefined> {
  const data = mailData(testMessage(probe, [probe.from?.email ?? '']));
  await sendMail(api, settings, { ...data, mailSettings: { sandboxMode: { enable: true } } }, signal);
}

function testMessage({ from, subject, text }: Probe, to: readonly string[]): EmailMessage {
  if (from === undefined) {
    throw new AdapterError({
      stage: 'sender',
      code: 'sender_missing',
      fault: 'configuration',
      retryable: false,
      hint: 'The connection has no sender address. Give it one that SendGrid has verified.',
      pointer: '/from',
    });
  }
  const message = { from, to: to.map((email) => ({ email })), subject, text };
  checkMessage(message);
  return message;
}
