import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  enhancedCodeOf,
  type JsonItem,
  omitUndefined,
  parseStatusCodes,
  type StatusCodes,
  textOf,
} from '@score-crm/adapter-kit';
import { EXPIRED_BOUNCE } from '../assumptions.ts';

/**
 * SendGrid's own classification takes precedence over the codes.
 * https://www.twilio.com/docs/sendgrid/ui/sending-email/bounces#bounce-classification In lowercase, since both occur.
 * `Unclassified` and other values are ambiguous, and `Mailbox Unavailable` covers both full and nonexistent mailboxes:
 * then the codes decide.
 */
const CLASSES: ReadonlyMap<string, BounceClass> = new Map<string, BounceClass>([
  ['invalid address', 'hard'],
  ['technical failure', 'soft'],
  ['content', 'block'],
  ['reputation', 'block'],
  ['frequency or volume too high', 'block'],
]);
const MAILBOX_UNAVAILABLE = 'mailbox unavailable';

/** The reasons of `dropped`. The vendor did not try the address, so none of them means that it does not exist. */
const DROPS: readonly (readonly [reason: RegExp, BounceClass])[] = [
  [/^(?:bounced|unsubscribed|spam reporting) address|^invalid$/i, 'admin'],
  [/^spam content/i, 'policy'],
  [/^recipient list over package quota|^invalid smtpapi header/i, 'admin'],
];

export function bounceOf(event: JsonItem): Bounce {
  const codes = codesOf(event);
  return { class: bounceClass(event, codes), ...details(event, codes, textOf(event, 'bounce_classification')) };
}

export function dropOf(event: JsonItem): Bounce {
  const reason = textOf(event, 'reason') ?? '';
  const known = DROPS.find(([pattern]) => pattern.test(reason));
  return { class: known?.[1] ?? 'unknown', ...details(event, codesOf(event), undefined) };
}

function bounceClass(event: JsonItem, codes: StatusCodes): BounceClass {
  const type = textOf(event, 'type') ?? '';
  // The receiver rejected SendGrid's server or the sender. That never means a nonexistent address.
  // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#bounce
  if (type === 'blocked' || event['event'] === 'blocked') return 'block';
  const classification = textOf(event, 'bounce_classification')?.toLowerCase() ?? '';
  const own = CLASSES.get(classification);
  if (own !== undefined) return own;
  if (type === EXPIRED_BOUNCE) return 'soft';
  const byCodes = bounceClassOf(codes);
  if (byCodes !== 'unknown') return byCodes;
  // The same page: `bounce` is a permanent rejection, and SendGrid no longer sends to the address.
  return type === 'bounce' || isPermanent(classification, event) ? 'hard' : 'unknown';
}

function isPermanent(classification: string, event: JsonItem): boolean {
  return classification === MAILBOX_UNAVAILABLE && textOf(event, 'status')?.startsWith('5') === true;
}

/** `status` is the enhanced code; `reason` is the receiver's reply. */
function codesOf(event: JsonItem): StatusCodes {
  const reply = parseStatusCodes(textOf(event, 'reason') ?? '');
  const enhancedCode = enhancedCodeOf(textOf(event, 'status'), reply);
  return { ...omitUndefined('code', reply.code), ...omitUndefined('enhancedCode', enhancedCode) };
}

function details(event: JsonItem, codes: StatusCodes, classification: string | undefined): Omit<Bounce, 'class'> {
  return {
    ...codes,
    ...omitUndefined('reason', textOf(event, 'reason')),
    ...omitUndefined('rule', classification ?? textOf(event, 'type')),
  };
}
