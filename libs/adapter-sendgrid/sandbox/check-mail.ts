import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import type { MailJson } from './mail-json.ts';
import { brokenRules } from './mail-rules.ts';
import { mailSchema } from './mail-schema.ts';
import { readBody } from './read-body.ts';

const MAX_BYTES = 30_000_000;
const HELP = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html';

export type MailCheck = { readonly mail: MailJson } | { readonly refusal: SandboxAnswer };

/** Checks a body against the documented schema and rules of `POST /v3/mail/send`. */
export function checkMail(contentType: string | undefined, body: Buffer, now: Date): MailCheck {
  if (body.length > MAX_BYTES) return { refusal: answers.tooLarge };
  if (contentType !== 'application/json') {
    return { refusal: answers.invalid([{ message: 'Content-Type should be application/json.', field: null }]) };
  }
  const read = readBody<MailJson>(body, mailSchema, HELP);
  if ('refusal' in read) return read;
  const faults = brokenRules(read.json, now);
  if (faults.length === 0) return { mail: read.json };
  return { refusal: answers.invalid(faults.map((fault) => ({ ...fault, help: HELP }))) };
}
