import { type EmailMessage, type MemberPath, refuseMember } from '@score-crm/adapter-kit';

const BRACES = /\{\{/g;
const VARIABLE = 'opening_braces';

/** The values of the variables that `literalBraces` inserts, as `substitution_data`. */
export const BRACES_DATA = { [VARIABLE]: '{{' } as const;

/**
 * Returns a text for a header in which double braces stay literal. The vendor executes its template language in headers
 * even with `perform_substitutions: false`, which also disables its macros for literal braces. Values of variables are
 * not executed again.
 * https://developers.sparkpost.com/api/template-language/
 */
export function literalBraces(text: string): string {
  return text.replace(BRACES, `{{${VARIABLE}}}`);
}

/**
 * Rejects double braces where it is undocumented whether they are executed: in the To line and in addresses, which are
 * not part of the content, and in names of headers.
 * @throws AdapterError `unsupported`, with the pointer of the member
 */
export function checkBraces({ from, to, cc = [], bcc = [], replyTo = [], headers = {} }: EmailMessage): void {
  checkText(from.email, ['from', 'email']);
  for (const [member, mailboxes] of Object.entries({ to, cc, bcc, replyTo })) {
    for (const [index, { email, name = '' }] of mailboxes.entries()) {
      checkText(email, [member, index, 'email']);
      if (member === 'to') checkText(name, [member, index, 'name']);
    }
  }
  for (const name of Object.keys(headers)) checkText(name, ['headers', name]);
}

function checkText(text: string, path: MemberPath): void {
  if (text.search(BRACES) < 0) return;
  const hint = 'SparkPost may execute double braces as its template language. Remove them.';
  refuseMember('unsupported', path, hint);
}
