import { type EmailMessage, type Mailbox, type MemberPath, refuseMember } from '@score-crm/adapter-kit';

/**
 * Refuses double braces where they become a header: the vendor's template language is executed there even with
 * `perform_substitutions: false`, which switches its macros for literal braces off.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 * @throws AdapterError `unsupported`, with the pointer of the member
 */
export function checkBraces({ from, to, cc = [], bcc = [], replyTo = [], subject, headers = {} }: EmailMessage): void {
  checkText(subject, ['subject']);
  checkMailbox(from, ['from']);
  for (const [member, mailboxes] of Object.entries({ to, cc, bcc, replyTo })) {
    for (const [index, mailbox] of mailboxes.entries()) checkMailbox(mailbox, [member, index]);
  }
  for (const [name, value] of Object.entries(headers)) {
    checkText(name, ['headers', name]);
    checkText(value, ['headers', name]);
  }
}

function checkMailbox({ email, name = '' }: Mailbox, path: MemberPath): void {
  checkText(email, [...path, 'email']);
  checkText(name, [...path, 'name']);
}

function checkText(text: string, path: MemberPath): void {
  if (!/\{\{/.test(text)) return;
  const hint = 'SparkPost would take the double braces for its template language and execute them. Remove them.';
  refuseMember('unsupported', path, hint);
}
