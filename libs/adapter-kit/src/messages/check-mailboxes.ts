import { canonicalAddress } from '../addresses/canonical-address.ts';
import { emailAddressProblem } from '../addresses/email-address.ts';
import { checkLine } from './check-line.ts';
import type { EmailMessage, Mailbox } from './email-message.ts';
import { type MemberPath, refuseMember } from './refuse-member.ts';

const RECIPIENTS = ['to', 'cc', 'bcc'] as const;

/** All addresses that a message goes to: to, cc and bcc. */
export function recipientsOf(message: EmailMessage): readonly string[] {
  return RECIPIENTS.flatMap((member) => message[member] ?? []).map(({ email }) => email);
}

/** @throws AdapterError `invalid_request` for an address that is none, with its pointer, and for a message to nobody */
export function checkMailboxes(message: EmailMessage): void {
  checkMailbox(message.from, ['from']);
  message.replyTo?.forEach((mailbox, index) => checkMailbox(mailbox, ['replyTo', index]));
  for (const member of RECIPIENTS) {
    message[member]?.forEach((mailbox, index) => checkMailbox(mailbox, [member, index]));
  }
  if (recipientsOf(message).length === 0) refuseMember('invalid_request', ['to'], 'The message has no recipient.');
}

/**
 * What the APIs of vendors ask of recipients beside their form.
 * @param vendor the vendor's display name
 * @param most how many a message may have
 * @throws AdapterError `invalid_request`: an address named twice, in whatever case; nobody under `to`; too many
 */
export function checkRecipients(message: EmailMessage, vendor: string, most: number): void {
  const seen = new Set<string>();
  for (const member of RECIPIENTS) {
    for (const [index, { email }] of (message[member] ?? []).entries()) {
      const address = canonicalAddress(email);
      // Which of the two is meant only the caller knows: a copy may be blind or not.
      if (seen.has(address)) {
        const hint = `${vendor} takes each recipient once. Name this one once.`;
        refuseMember('invalid_request', [member, index, 'email'], hint);
      }
      seen.add(address);
    }
  }
  if (message.to.length === 0) {
    const hint = `${vendor} wants at least one recipient under “to”, beside cc and bcc.`;
    refuseMember('invalid_request', ['to'], hint);
  }
  if (seen.size > most) {
    const hint = `A message has ${String(most)} recipients at most. Name fewer.`;
    refuseMember('invalid_request', ['to'], hint);
  }
}

function checkMailbox({ email, name }: Mailbox, path: MemberPath): void {
  const problem = emailAddressProblem(email);
  if (problem !== undefined) refuseMember('invalid_request', [...path, 'email'], problem);
  checkLine(name ?? '', [...path, 'name']);
}
