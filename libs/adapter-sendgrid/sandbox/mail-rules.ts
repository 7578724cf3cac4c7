import type { SchemaFault } from '@score-crm/adapter-kit/sandbox';
import { type MailJson, recipientsOf } from './mail-json.ts';

const FORBIDDEN_HEADERS =
  /^(?:x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;
const CONTENT_ORDER = ['text/plain', 'text/html'];
const MAX_SCHEDULE_S = 72 * 60 * 60;

/** Rules that the schema cannot express: those that concern several members. */
export function brokenRules(mail: MailJson, now: Date): readonly SchemaFault[] {
  return [
    ...duplicates(mail),
    ...headers(mail),
    ...contents(mail),
    ...limits(mail, now),
    ...('reply_to' in mail && mail.reply_to_list !== undefined
      ? [{ field: 'reply_to', message: 'Only one of reply_to and reply_to_list may be given.' }]
      : []),
  ];
}

function duplicates({ personalizations }: MailJson): SchemaFault[] {
  return personalizations.flatMap((envelope, index) => {
    const seen = new Set<string>();
    return (['to', 'cc', 'bcc'] as const).flatMap((member) =>
      (envelope[member] ?? []).flatMap(({ email }) => {
        const isKnown = seen.has(email.toLowerCase());
        seen.add(email.toLowerCase());
        const field = `personalizations.${String(index)}.${member}`;
        const message = `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${email}] in the ${field} field.`;
        return isKnown ? [{ field, message }] : [];
      }),
    );
  });
}

// "You must ensure these are properly encoded if they contain unicode characters."
const ENCODED = /^[\t -~]*$/;

function headers({ headers = {} }: MailJson): SchemaFault[] {
  return Object.entries(headers).flatMap(([name, value]) => [
    ...(FORBIDDEN_HEADERS.test(name)
      ? [{ field: `headers.${name}`, message: `The header ${name} is reserved and may not be set.` }]
      : []),
    ...(ENCODED.test(value) ? [] : [{ field: `headers.${name}`, message: `The header ${name} must be encoded.` }]),
  ]);
}

function contents({ content }: MailJson): SchemaFault[] {
  if (content === undefined) return [{ field: 'content', message: 'The content parameter is required.' }];
  const ranks = content.map(({ type }) => (CONTENT_ORDER.includes(type) ? CONTENT_ORDER.indexOf(type) : 2));
  const isSorted = ranks.every((rank, index) => rank >= (ranks[index - 1] ?? 0));
  const message =
    'The content values must be in the following order: text/plain content must be first, followed by text/html content, followed by any other content.';
  return isSorted ? [] : [{ field: 'content', message }];
}

function limits(mail: MailJson, now: Date): SchemaFault[] {
  const { subject, categories = [], custom_args = {}, send_at = 0 } = mail;
  return [
    ...(subject === undefined ? [{ field: 'subject', message: 'The subject is required.' }] : []),
    ...(recipientsOf(mail).length > 1000
      ? [{ field: 'personalizations', message: 'The total number of recipients must be no more than 1000.' }]
      : []),
    ...(new Set(categories).size < categories.length
      ? [{ field: 'categories', message: 'The categories must be unique.' }]
      : []),
    ...(Buffer.byteLength(JSON.stringify(custom_args)) > 10_000
      ? [{ field: 'custom_args', message: 'The custom arguments may have at most 10000 bytes.' }]
      : []),
    ...(send_at > now.getTime() / 1000 + MAX_SCHEDULE_S
      ? [{ field: 'send_at', message: 'The send_at parameter may be at most 72 hours ahead.' }]
      : []),
  ];
}
