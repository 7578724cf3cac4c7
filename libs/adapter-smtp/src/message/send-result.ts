import {
  AdapterError,
  type AdapterErrorDetails,
  type RejectedRecipient,
  type Scrubber,
  type SendResult,
} from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-connection';
import { type ErrorContext, recipientError } from '../errors/smtp-error.ts';
import { parseReply } from '../errors/smtp-reply.ts';
import type { ComposedMessage } from './compose-message.ts';

/**
 * The outcome of each recipient. nodemailer reports the refusal of all of them as an error, and that of some as a
 * success.
 */
export function sendResult(
  message: ComposedMessage,
  outcome: SentMessageInfo | NodemailerError,
  context: ErrorContext,
): SendResult {
  const refusals = outcome.rejectedErrors ?? [];
  const ofRefusals = { ...context, scrub: repliesScrubbed(refusals, context) };
  return {
    messageId: message.messageId,
    accepted: 'accepted' in outcome ? outcome.accepted.map((address) => message.asGiven(address)) : [],
    rejected: refusals.map((error) => ({
      recipient: message.asGiven(error.recipient ?? ''),
      error: recipientError(error, ofRefusals),
    })),
  };
}

/**
 * All replies in one call, because the scrubber has a limit per call: each of a thousand recipients may have a
 * different reply.
 */
function repliesScrubbed(refusals: readonly NodemailerError[], { scrub }: ErrorContext): Scrubber {
  const replies = refusals.map(({ response }) => parseReply(response ?? '')?.text ?? '');
  const scrubbed = new Map(scrub(replies).map((text, index) => [replies[index], text]));
  return <T>(value: T) => (typeof value === 'string' ? ((scrubbed.get(value) ?? scrub(value)) as T) : scrub(value));
}

/** @throws AdapterError if no recipient was accepted, with the most important reason */
export function assertSomeAccepted(result: SendResult): SendResult {
  const reason = mainRejection(result.rejected);
  if (result.accepted.length === 0 && reason !== undefined) throw new AdapterError(reason.error);
  return result;
}

/**
 * The rejection to handle first: one that concerns the sender, the account or this service, since it will affect every
 * message; then a temporary one.
 */
export function mainRejection(rejected: readonly RejectedRecipient[]): RejectedRecipient | undefined {
  return (
    rejected.find(({ error }) => isAboutThisSide(error)) ?? rejected.find(({ error }) => error.retryable) ?? rejected[0]
  );
}

function isAboutThisSide({ code, fault }: AdapterErrorDetails): boolean {
  return (fault === 'sender' || fault === 'configuration') && code !== 'recipient_rejected';
}
