import { canonicalAddress, emailAddressProblem } from '../addresses/email-address.ts';
import { checkLine } from './check-line.ts';
import type { EmailMessage, Mailbox } from './email-message.ts';
import { type MemberPath, refuseMember } from './refuse-member.ts';

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
