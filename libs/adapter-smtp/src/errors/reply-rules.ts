import { type Meaning, MEANINGS } from './reply-meanings.ts';
import type { SmtpReply } from './smtp-reply.ts';

/** The command that the server answered. */
export type Phase = 'greeting' | 'hello' | 'starttls' | 'authenticate' | 'sender' | 'recipient' | 'message';

/** What a reply means that fits all of its conditions. */
interface Rule {
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly words?: RegExp;
  readonly means: Meaning;
}

const M = MEANINGS;

// No code of RFC 3463 says "too fast"; the words are those of Gmail, Microsoft 365 and Postfix.
const LIMITS: readonly Rule[] = [
  { code: /^5/, enhanced: /\.4\.5$/, means: M.quotaUsedUp },
  { words: /(daily|hourly|monthly|sending) [\w ]*(limit|quota)/i, means: M.quotaUsedUp },
  {
    code: /^4/,
    words: /rate.?limit|throttl|too (fast|frequent)|too many (?!recipients)|limit exceeded/i,
    means: M.tooFast,
  },
];
const NOT_YET: readonly Rule[] = [
  { code: /^5(30|38)/, words: /tls|encrypt|secure/i, means: M.encryptFirst },
  { code: /^530/, means: M.loginFirst },
  { code: /^5/, words: /authentication (is )?required|must (be )?authenticat|not authenticated/i, means: M.loginFirst },
];
const TOO_LARGE: readonly Rule[] = [
  { code: /^552/, means: M.tooLarge },
  { enhanced: /^5\.(3\.4|2\.3)$/, means: M.tooLarge },
];

// The first rule that fits decides, so the specific ones come first. Enhanced codes: RFC 3463 and its IANA registry.
const RULES: Readonly<Record<Phase, readonly Rule[]>> = {
  greeting: [...LIMITS, { code: /^4/, means: M.trouble }, { means: M.servesNotUs }],
  hello: [...LIMITS, { code: /^4/, means: M.trouble }, { means: M.refusesOurName }],
  starttls: [{ code: /^4/, means: M.cannotEncryptNow }, { means: M.noStarttls }],
  authenticate: [
    ...LIMITS,
    { code: /^534/, means: M.appPassword },
    { enhanced: /^5\.7\.9$/, means: M.appPassword },
    { words: /app(lication)?[- ](specific )?password/i, means: M.appPassword },
    { code: /^53[08]/, means: M.encryptFirst },
    { enhanced: /^5\.7\.1[01]$/, means: M.encryptFirst },
    { code: /^4/, means: M.trouble },
    { code: /^50/, means: M.noLogin },
    { means: M.wrongPassword },
  ],
  sender: [
    ...LIMITS,
    ...NOT_YET,
    ...TOO_LARGE,
    { code: /^4/, means: M.trouble },
    { words: /not verified|unverified/i, means: M.senderNotVerified },
    { means: M.senderNotAllowed },
  ],
  recipient: [
    // A full mailbox is no limit of ours.
    { enhanced: /^4\.2\./, means: M.recipientDeferred },
    ...LIMITS,
    ...NOT_YET,
    { code: /^421/, means: M.trouble },
    { code: /^4/, means: M.recipientDeferred },
    { enhanced: /\.7\.\d+$/, means: M.notForUs },
    { words: /relay/i, means: M.notForUs },
    { means: M.recipientRefused },
  ],
  message: [
    ...LIMITS,
    ...NOT_YET,
    ...TOO_LARGE,
    { code: /^4/, means: M.trouble },
    { words: /not verified|unverified/i, means: M.senderNotVerified },
    // Microsoft 365 says here what others say to MAIL FROM.
    { enhanced: /^5\.(7\.60|2\.252)$/, means: M.senderNotAllowed },
    { words: /SendAsDenied/i, means: M.senderNotAllowed },
    { means: M.messageRefused },
  ],
};

/** What a reply means that refused the command of a phase. */
export function meaningOf(phase: Phase, reply: SmtpReply): Meaning {
  return RULES[phase].find((rule) => fits(rule, reply))?.means ?? M.messageRefused;
}

function fits({ code, enhanced, words }: Rule, reply: SmtpReply): boolean {
  if (code?.test(String(reply.code)) === false) return false;
  if (enhanced?.test(reply.enhancedCode ?? '') === false) return false;
  return words?.test(reply.text) !== false;
}
