import { type Bounce, type BounceClass, type JsonItem, textOf } from '@score-crm/adapter-kit';
import { EXPIRED_BOUNCE } from '../assumptions.ts';

/**
 * https://www.twilio.com/docs/sendgrid/ui/sending-email/bounces#bounce-classification
 * In lower case, since it is told in both. `Unclassified` and those that are not in here say nothing.
 */
const CLASSES: ReadonlyMap<string, (status: string) => BounceClass> = new Map<string, (status: string) => BounceClass>([
  ['invalid address', () => 'hard'],
  ['mailbox unavailable', (status) => (status.startsWith('5') ? 'hard' : 'soft')],
  ['technical failure', () => 'soft'],
  ['content', () => 'block'],
  ['reputation', () => 'block'],
  ['frequency or volume too high', () => 'block'],
]);

/** What `dropped` gives as its reason. The address was not tried, so none of them says that it is dead. */
const DROPS: readonly (readonly [reason: RegExp, BounceClass])[] = [
  [/^(?:bounced|unsubscribed|spam reporting) address|^invalid$/i, 'admin'],
  [/^spam content/i, 'policy'],
  [/^recipient list over package quota|^invalid smtpapi header/i, 'admin'],
];

export function bounceOf(event: JsonItem): Bounce {
  return { class: bounceClass(event), ...details(event, textOf(event, 'bounce_classification')) };
}

export function dropOf(event: JsonItem): Bounce {
  const reason = textOf(event, 'reason') ?? '';
  const known = DROPS.find(([pattern]) => pattern.test(reason));
  return { class: known?.[1] ?? 'unknown', ...details(event, undefined) };
}

function bounceClass(event: JsonItem): BounceClass {
  const type = textOf(event, 'type') ?? '';
  // The receiver refused SendGrid's server or the sender. That is never a dead address, whatever the classification says.
  if (type === 'blocked' || event['event'] === 'blocked') return 'block';
  const status = textOf(event, 'status') ?? '';
  const classify = CLASSES.get(textOf(event, 'bounce_classification')?.toLowerCase() ?? '');
  if (classify !== undefined) return classify(status);
  if (type === EXPIRED_BOUNCE || status.startsWith('4')) return 'soft';
  return type === 'bounce' || status.startsWith('5') ? 'hard' : 'unknown';
}

function details(event: JsonItem, classification: string | undefined): Omit<Bounce, 'class'> {
  const reason = textOf(event, 'reason');
  const code = /^([2-5]\d\d)[ -]/.exec(reason ?? '')?.[1];
  const enhancedCode = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(textOf(event, 'status') ?? '')?.[0];
  const rule = classification ?? textOf(event, 'type');
  return {
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(rule === undefined ? {} : { rule }),
  };
}
