import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  enhancedCodeOf,
  type JsonItem,
  optional,
  parseStatusCodes,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { BLOCK_REASONS, GAVE_UP_REASONS, SUPPRESSION_CODES } from '../assumptions.ts';
import { objectIn } from './json-member.ts';

/**
 * Why a message was not delivered. A suppressed address was not even tried, which says nothing of it.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 */
export function failureOf(data: JsonItem): Bounce {
  const status = objectIn(data, 'delivery-status');
  const code = scalarOf(status, 'code');
  const enhancedCode = statusCodeOf(status);
  const isSmtp = /^[2-5]\d\d$/.test(code ?? '');
  return {
    class: isSuppressed(data) ? 'admin' : classOf(data, enhancedCode),
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

function classOf(data: JsonItem, enhancedCode: string | undefined): BounceClass {
  const status = objectIn(data, 'delivery-status');
  const reason = textOf(data, 'reason') ?? '';
  const code = scalarOf(status, 'code') ?? '';
  const byCodes = bounceClassOf({ code: Number(code), ...optional('enhancedCode', enhancedCode) });
  // The receiver refused the sender, even where Mailgun calls it a hard bounce.
  if (BLOCK_REASONS.has(reason) || byCodes === 'block') return 'block';
  // Mailgun's own classification takes precedence over the codes if it reports that the address exists.
  // https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
  if (textOf(status, 'bounce-type') === 'soft' || GAVE_UP_REASONS.has(reason)) return 'soft';
  if (byCodes !== 'unknown') return byCodes;
  if (textOf(status, 'bounce-type') === 'hard') return 'hard';
  // Of these Mailgun keeps a list, and what was refused for another reason is not on it.
  // https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/bounces
  return reason === 'bounce' && code.startsWith('5') ? 'hard' : 'unknown';
}

/** In a field of its own or, in older events, in the receiver's reply. */
function statusCodeOf(status: JsonItem): string | undefined {
  return (
    enhancedCodeOf(textOf(status, 'enhanced-code')) ?? parseStatusCodes(textOf(status, 'message') ?? '').enhancedCode
  );
}
