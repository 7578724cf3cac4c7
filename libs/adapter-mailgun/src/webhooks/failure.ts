import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  enhancedCodeOf,
  type JsonItem,
  omitUndefined,
  parseStatusCodes,
  scalarOf,
  type StatusCodes,
  textOf,
} from '@score-crm/adapter-kit';
import { BLOCK_REASONS, GAVE_UP_REASONS, SUPPRESSION_CODES } from '../assumptions.ts';
import { objectIn } from './json-member.ts';

const SMTP_LIKE = /^[2-5]\d\d$/;

/**
 * Returns why a message was not delivered. The vendor does not try a suppressed address, which says nothing about it.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 */
export function failureOf(data: JsonItem): Bounce {
  const codes = codesOf(data);
  return {
    class: isSuppressed(data) ? 'admin' : classOf(data, codes),
    ...codes,
    ...omitUndefined('reason', replyOf(data)),
    ...omitUndefined('rule', textOf(data, 'reason')),
  };
}

/**
 * Rejections by Mailgun itself. https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Events
 */
export function rejectionOf(data: JsonItem): Bounce {
  const reject = objectIn(data, 'reject');
  return { class: 'unknown', ...omitUndefined('reason', textOf(reject, 'reason') ?? textOf(reject, 'description')) };
}

/** Whether the address is on one of the domain's lists of bounces, complaints and unsubscribes. */
export function isSuppressed(data: JsonItem): boolean {
  const code = Number(scalarOf(objectIn(data, 'delivery-status'), 'code'));
  return textOf(data, 'reason')?.startsWith('suppress-') === true || SUPPRESSION_CODES.has(code);
}

function classOf(data: JsonItem, codes: StatusCodes): BounceClass {
  const status = objectIn(data, 'delivery-status');
  const reason = textOf(data, 'reason') ?? '';
  const byCodes = bounceClassOf(codes);
  // The receiver rejected the sender, even if Mailgun calls it a hard bounce.
  if (BLOCK_REASONS.has(reason) || byCodes === 'block') return 'block';
  // Mailgun's own classification takes precedence over the codes if it reports that the address exists.
  // https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
  if (textOf(status, 'bounce-type') === 'soft' || GAVE_UP_REASONS.has(reason)) return 'soft';
  if (byCodes !== 'unknown') return byCodes;
  if (textOf(status, 'bounce-type') === 'hard') return 'hard';
  // Mailgun keeps a list of these; rejections for other reasons are not on it.
  // https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/bounces
  return reason === 'bounce' && String(codes.code).startsWith('5') ? 'hard' : 'unknown';
}

/** In separate fields or, in older events, in the receiver's reply. */
function codesOf(data: JsonItem): StatusCodes {
  const status = objectIn(data, 'delivery-status');
  const reply = parseStatusCodes(replyOf(data) ?? '');
  const code = scalarOf(status, 'code') ?? '';
  return {
    // Includes codes of Mailgun's own, such as 498 for a domain without a mail server.
    ...omitUndefined('code', SMTP_LIKE.test(code) ? Number(code) : reply.code),
    ...omitUndefined('enhancedCode', enhancedCodeOf(textOf(status, 'enhanced-code'), reply)),
  };
}

/** The receiver's reply, or Mailgun's description of the failure. */
export function replyOf(data: JsonItem): string | undefined {
  const status = objectIn(data, 'delivery-status');
  return textOf(status, 'message') ?? textOf(status, 'description');
}
