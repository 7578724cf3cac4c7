import type { EmailMessage, Mailbox } from '@score-crm/adapter-kit';
import type { FormField as Field } from '../api/form-body.ts';
import { address, headerAddress } from './address.ts';

/** Returns the text fields of a message, under the vendor's names. */
export function textFields({ from, to, cc = [], bcc = [], subject, text = '', html = '' }: EmailMessage): Field[] {
  const mailboxes = (name: string, all: readonly Mailbox[]): Field[] => all.map((one) => [name, address(one)]);
  return [
    ['from', address(from)],
    ...mailboxes('to', to),
    ...mailboxes('cc', cc),
    ...mailboxes('bcc', bcc),
    ['subject', subject],
    ...(text === '' ? [] : ([['text', text]] satisfies Field[])),
    ...(html === '' ? [] : ([['html', html]] satisfies Field[])),
  ];
}

/**
 * Mailgun's sending options, whose total size is limited.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
 */
export function optionFields(message: EmailMessage, now: number): Field[] {
  const { replyTo = [], headers = {}, tags = [], metadata = {}, sendAt } = message;
  const prefixed = (prefix: string, members: Readonly<Record<string, string>>): Field[] =>
    Object.entries(members).map(([name, value]) => [prefix + name, value]);
  // A time in the past means immediately, which needs no schedule.
  const isScheduled = sendAt !== undefined && sendAt.getTime() > now;
  return [
    ...(replyTo.length === 0 ? [] : prefixed('h:', { 'Reply-To': replyTo.map(headerAddress).join(', ') })),
    ...prefixed('h:', headers),
    ...[...new Set(tags)].map((tag): Field => ['o:tag', tag]),
    ...prefixed('v:', metadata),
    ...(isScheduled ? ([['o:deliverytime', sendAt.toUTCString()]] satisfies Field[]) : []),
  ];
}
