import { type Bounce, type BounceClass, type JsonItem, optional, scalarOf, textOf } from '@score-crm/adapter-kit';
import { BLOCK_REASONS, GAVE_UP_REASONS, SUPPRESSION_CODES } from '../assumptions.ts';
import { objectIn } from './json-member.ts';

/**
 * Why a message was not delivered. A suppressed address was not even tried, which says nothing of it.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 */
export function failureOf(data: JsonItem): Bounce {
  const status = objectIn(data, 'delivery-status');
  const code = scalarOf(status, 'code');
  const enhancedCode = enhancedCodeOf(status);
  const isSmtp = /^[2-5]\d\d$/.test(code ?? '');
  return {
    class: isSuppressed(data) ? 'admin' : classOf(data, enhancedCode ?? ''),
    ...(isSmtp ? { code: Number(code) } : {}),
    ...optional('enhancedCode', enhancedCode),
    ...optional('reason', textOf(status, 'message') ?? textOf(status, 'description')),
    ...optional('rule', textOf(data, 'reason')),
  };
}

/** What Mailgun itself refused. https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Events */
export function rejectionOf(data: JsonItem): Bounce {
  const reject = objectIn(data, 'reject');
  return { class: 'unknown', ...optional('reason', textOf(reject, 'reason') ?? textOf(reject, 'description')) };
}

/** Whether the address is on one of the domain's lists of those that bounced, complained or unsubscribed. */
export function isSuppressed(data: JsonItem): boolean {
  const code = Number(scalarOf(objectIn(data, 'delivery-status'), 'code'));
  return textOf(data, 'reason')?.startsWith('suppress-') === true || SUPPRESSION_CODES.has(code);
}

function classOf(data: JsonItem, enhancedCode: string): BounceClass {
  const status = objectIn(data, 'delivery-status');
  const reason = textOf(data, 'reason') ?? '';
  const code = scalarOf(status, 'code') ?? '';
  // The receiver refused the sender, whatever else Mailgun calls it (RFC 3463, 3.8).
  if (BLOCK_REASONS.has(reason) || /^[45]\.7\./.test(enhancedCode)) return 'block';
  if (textOf(status, 'bounce-type') === 'soft' || GAVE_UP_REASONS.has(reason)) return 'soft';
  if (code.startsWith('4') || enhancedCode.startsWith('4') || enhancedCode === '5.2.2') return 'soft';
  if (textOf(status, 'bounce-type') === 'hard' || enhancedCode.startsWith('5.1.')) return 'hard';
  // Of these Mailgun keeps a list, and what was refused for another reason is not on it.
  // https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/bounces
  return reason === 'bounce' && code.startsWith('5') ? 'hard' : 'unknown';
}

/** In a field of its own or, in older events, at the beginning of the receiver's words. */
function enhancedCodeOf(status: JsonItem): string | undefined {
  const told = textOf(status, 'enhanced-code') ?? textOf(status, 'message') ?? '';
  return /^(?:[245]\d\d[ -])?([245]\.\d{1,3}\.\d{1,3})\b/.exec(told)?.[1];
}
