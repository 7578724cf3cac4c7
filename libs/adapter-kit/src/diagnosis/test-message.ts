import { AdapterError } from '../errors/adapter-error.ts';
import type { EmailMessage } from '../messages/email-message.ts';
import { refuseMember } from '../messages/refuse-member.ts';
import type { Probe } from './diagnosis.ts';

const MOST_RECIPIENTS = 10;

/**
 * The message of a test.
 * @param vendor the vendor's display name
 * @param to its recipients, those of the probe unless told
 * @throws AdapterError `sender_missing` where the connection has no sender, `invalid_request` for too many recipients
 */
export function testMessage(
  { from, subject, text, metadata, to: probed = [] }: Probe,
  vendor: string,
  to: readonly string[] = probed,
): EmailMessage {
  if (to.length > MOST_RECIPIENTS) {
    refuseMember(
      'invalid_request',
      ['to'],
      `A test goes to ${String(MOST_RECIPIENTS)} recipients at most. Name fewer.`,
    );
  }
  if (from === undefined) {
    throw new AdapterError({
      stage: 'sender',
      code: 'sender_missing',
      fault: 'configuration',
      retryable: false,
      hint: `The connection has no sender address. Give it one that ${vendor} has verified.`,
      pointer: '/from',
    });
  }
  return {
    from,
    to: to.map((email) => ({ email })),
    subject,
    text,
    ...(metadata === undefined ? {} : { metadata }),
  };
}
