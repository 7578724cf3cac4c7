import { canonicalAddress, emailAddressProblem } from '../addresses/email-address.ts';
import { AdapterError, type AdapterErrorCode, type Fault, type Stage } from '../errors/adapter-error.ts';
import { jsonPointer } from '../validation/field.ts';
import type { EmailMessage, Mailbox } from './email-message.ts';

/** The path of a message member, e.g. `['to', 0, 'email']`. */
export type MemberPath = readonly (string | number)[];

/**
 * Rejects a member of a message.
 * @throws AdapterError always
 */
export function refuseMember(code: AdapterErrorCode, path: MemberPath, hint: string): never {
  const [stage, fault] = blame(String(path[0]));
  throw new AdapterError({ stage, code, fault, retryable: false, hint, pointer: jsonPointer(...path) });
}

function blame(member: string): readonly [Stage, Fault] {
  if (member === 'to' || member === 'cc' || member === 'bcc') return ['recipient', 'recipient'];
  return [member === 'from' ? 'sender' : 'message', 'sender'];
}

// Besides ASCII's control characters, also those of Latin-1 and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** Returns why a text is not a single line of complete characters, as a hint, or undefined if it is. */
function lineProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return 'Line breaks and control characters are not allowed. Remove them.';
  return /\p{Surrogate}/u.test(text) ? 'The text contains an incomplete character. Enter it again.' : undefined;
}

/**
 * Checks that a text is one line.
 * @throws AdapterError `invalid_request` if the text could break out of a header or contains a lone surrogate
 */
export function checkLine(text: string, path: MemberPath): void {
  const problem = lineProblem(text);
  if (problem !== undefined) refuseMember('invalid_request', path, problem);
}

const RECIPIENTS = ['to', 'cc', 'bcc'] as const;

/** Returns the addresses of all recipients: to, cc and bcc. */
export function recipientsOf(message: EmailMessage): readonly string[] {
  return RECIPIENTS.flatMap((member) => message[member] ?? []).map(({ email }) => email);
}

/**
 * Checks all addresses of a message.
 * @throws AdapterError `invalid_request` for an invalid address, with its pointer, and for a message without recipients
 */
export function checkMailboxes(message: EmailMessage): void {
  checkMailbox(message.from, ['from']);
  message.replyTo?.forEach((mailbox, index) => checkMailbox(mailbox, ['replyTo', index]));
  for (const member of RECIPIENTS) {
    message[member]?.forEach((mailbox, index) => checkMailbox(mailbox, [member, index]));
  }
  if (recipientsOf(message).length === 0)
    refuseMember('invalid_request', ['to'], 'The message has no recipient. Add one.');
}

/**
 * Checks the rules for recipients that the API vendors share.
 * @param vendor the vendor's display name
 * @param most the maximum number of recipients
 * @throws AdapterError `invalid_request` if an address occurs twice (in any case), `to` is empty, or there are too many
 */
export function checkRecipients(message: EmailMessage, vendor: string, most: number): void {
  const seen = new Set<string>();
  for (const member of RECIPIENTS) {
    for (const [index, { email }] of (message[member] ?? []).entries()) {
      const address = canonicalAddress(email);
      // Only the caller knows which of the two is meant: one may be a blind copy.
      if (seen.has(address)) {
        const hint = `${vendor} accepts each recipient only once. Remove the duplicate.`;
        refuseMember('invalid_request', [member, index, 'email'], hint);
      }
      seen.add(address);
    }
  }
  if (message.to.length === 0) {
    const hint = `${vendor} requires at least one “to” recipient. Add one.`;
    refuseMember('invalid_request', ['to'], hint);
  }
  if (seen.size > most) {
    const hint = `A message can have at most ${String(most)} recipients. Remove some.`;
    refuseMember('invalid_request', ['to'], hint);
  }
}

function checkMailbox({ email, name }: Mailbox, path: MemberPath): void {
  const problem = emailAddressProblem(email);
  if (problem !== undefined) refuseMember('invalid_request', [...path, 'email'], problem);
  checkLine(name ?? '', [...path, 'name']);
}

/**
 * Checks the rules for subject and body that the API vendors share.
 * @param vendor the vendor's display name
 * @throws AdapterError `invalid_request` for a message without a subject, or with neither text nor HTML
 */
export function checkText({ subject, text = '', html = '' }: EmailMessage, vendor: string): void {
  if (subject === '') refuseMember('invalid_request', ['subject'], `${vendor} requires a subject. Add one.`);
  checkLine(subject, ['subject']);
  if (text === '' && html === '') {
    const hint = `${vendor} requires a text or HTML body. Add one.`;
    refuseMember('invalid_request', ['text'], hint);
  }
}

/**
 * Checks the metadata of a message.
 * @throws AdapterError `invalid_request` for metadata that are not strings, have no name or contain a control character
 *   (some vendors return line breaks changed)
 */
export function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key];
    if (key === '' || typeof value !== 'string') {
      refuseMember('invalid_request', path, 'Invalid metadata. Each entry needs a name and a text value.');
    }
    checkLine(key, path);
    checkLine(value, path);
  }
}

/**
 * Checks the text of tags.
 * @throws AdapterError `invalid_request` for tags that vendors would change: with control characters, or leading or
 *   trailing spaces
 */
export function checkTagTexts({ tags = [] }: EmailMessage): void {
  for (const [index, tag] of tags.entries()) {
    checkLine(tag, ['tags', index]);
    if (tag === tag.trim()) continue;
    refuseMember('invalid_request', ['tags', index], 'The tag starts or ends with a space. Remove it.');
  }
}
