import { AdapterError } from '../errors/adapter-error.ts';
import type { EmailMessage } from '../messages/email-message.ts';
import { refuseMember } from '../messages/refuse-member.ts';
import type { Probe } from './diagnosis.ts';

const MAX_RECIPIENTS = 10;

/**
 * Builds the message of a test.
 * @param vendor the vendor's display name
 * @param to the recipients; by default those of the probe
 * @throws AdapterError `sender_missing` if the connection has no sender, `invalid_request` for too many recipients
 */
export function testMessage(
  { from, subject, text, metadata, to: probed = [] }: Probe,
  vendor: string,
  to: readonly string[] = probed,
): EmailMessage {
  if (to.length > MAX_RECIPIENTS) {
    refuseMember(
      'invalid_request',
      ['to'],
      `A test can have at most ${String(MAX_RECIPIENTS)} recipients. Remove some.`,
    );
  }
  if (from === undefined) {
    throw new AdapterError({
      stage: 'sender',
      code: 'sender_missing',
      fault: 'configuration',
      retryable: false,
      hint: `The connection has no sender address. Set a “From email” that ${vendor} has verified.`,
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
