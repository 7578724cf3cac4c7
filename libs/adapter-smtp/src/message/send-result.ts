import { AdapterError, type RejectedRecipient, type SendResult } from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-connection';
import { type ErrorContext, recipientError } from '../errors/smtp-error.ts';
import type { ComposedMessage } from './compose-message.ts';

/** What became of each recipient; nodemailer reports the refusal of all of them as an error, that of some as a success. */
export function sendResult(
  message: ComposedMessage,
  outcome: SentMessageInfo | NodemailerError,
  context: ErrorContext,
): SendResult {
  return {
    messageId: message.messageId,
    accepted: 'accepted' in outcome ? outcome.accepted.map((address) => message.asGiven(address)) : [],
    rejected: (outcome.rejectedErrors ?? []).map((error) => ({
      recipient: message.asGiven(error.recipient ?? ''),
      error: recipientError(error, context),
    })),
  };
}

/** @throws AdapterError if nobody was accepted: of the reasons one that may pass, where there is one. */
export function assertSomebodyAccepted(result: SendResult): SendResult {
  const reason = mostHopeful(result.rejected);
  if (result.accepted.length === 0 && reason !== undefined) throw new AdapterError(reason.error);
  return result;
}

function mostHopeful(rejected: readonly RejectedRecipient[]): RejectedRecipient | undefined {
  return rejected.find(({ error }) => error.retryable) ?? rejected[0];
}
