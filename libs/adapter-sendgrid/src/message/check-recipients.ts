import type { EmailMessage, Mailbox } from '@score-crm/adapter-kit';
import { LIMITS } from './limits.ts';
import { type Path, refuse } from './refuse.ts';

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;
// eslint-disable-next-line no-control-regex
const ADDRESS = /^[^\s\0-\x20\x7f<>()[\]\\,;:"@]+@[^\s\0-\x20\x7f<>()\\,;"@]+$/;

/** @throws AdapterError `invalid_request`, with the pointer of the address */
export function checkMailboxes(message: EmailMessage): void {
  checkMailbox(message.from, ['from']);
  message.replyTo?.forEach((mailbox, index) => checkMailbox(mailbox, ['replyTo', index]));
  checkRecipients(message);
}

function checkRecipients(message: EmailMessage): void {
  const seen = new Set<string>();
  for (const member of ['to', 'cc', 'bcc'] as const) {
    for (const [index, mailbox] of (message[member] ?? []).entries()) {
      checkMailbox(mailbox, [member, index]);
      const address = mailbox.email.toLowerCase();
      // The vendor answers 400 to it. Which of the two is meant only the caller knows: a copy may be blind or not.
      if (seen.has(address)) {
        refuse('invalid_request', [member, index, 'email'], 'SendGrid takes each recipient once. Name this one once.');
      }
      seen.add(address);
    }
  }
  if (message.to.length === 0) {
    refuse('invalid_request', ['to'], 'SendGrid wants at least one recipient under “to”, beside cc and bcc.');
  }
  if (seen.size > LIMITS.recipients) {
    refuse('invalid_request', ['to'], `A message has ${String(LIMITS.recipients)} recipients at most. Name fewer.`);
  }
}

function checkMailbox({ email, name }: Mailbox, path: Path): void {
  if (!ADDRESS.test(email)) {
    refuse('invalid_request', [...path, 'email'], 'This is no e-mail address. Give one address alone, without a name.');
  }
  if (CONTROL.test(name ?? '')) {
    refuse('invalid_request', [...path, 'name'], 'A name holds no line break or other control character. Remove it.');
  }
}
