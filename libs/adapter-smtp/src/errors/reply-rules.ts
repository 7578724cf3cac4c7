import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { ACCOUNT_RULES, LIMITS } from './account-rules.ts';
import { type Meaning, MEANINGS as M } from './reply-meanings.ts';
import { firstFit, type Rule } from './rule.ts';
import type { SmtpReply } from './smtp-reply.ts';

/** The command that the server answered. */
export type Phase = 'greeting' | 'hello' | 'starttls' | 'authenticate' | 'sender' | 'recipient' | 'message';

// Before MAIL FROM, only these can be about the client.
const CLIENT_RULES = ACCOUNT_RULES.filter(({ means }) => means === M.noReverseDns || means === M.clientBlocked);

const NO_SUCH_RECIPIENT =
  /user unknown|unknown user|no such (user|recipient|mailbox|address|person)|(recipient|user|mailbox|account|address) (is )?(unknown|not found|unavailable|disabled|inactive|does not exist|doesn't exist)|(recipient|mailbox|user)notfound|does not exist|invalid (recipient|mailbox)|no mailbox|unrouteable address|not a valid (recipient|mailbox|user)|recipnotfound|no longer (valid|on server)/;
const MAILBOX_FULL =
  /over ?quota|over (its |the |their )?(disk )?quota|quota exceeded|mailbox (is )?full|storage allocation|mailbox .{0,30}(exceed|limit)/;
const SERVER_TROUBLE =
  /temporary (local problem|lookup failure|system problem|service failure)|service (is )?(currently |temporarily )?unavailable|server (is )?(busy|configuration error)|system storage|disk space|space shortage|internal (resource|error)|mail system error|resources temporarily/;
const CONTENT = /(message|mail|content) .{0,40}(spam|virus|content)|(spam|virus) (content|detected|found)/;
const GREYLISTED = /gr[ea]y-?list/;
const ACCOUNT_STANDING: Rule = {
  words:
    /account .{0,30}(suspended|disabled|blocked|paused|inactive)|sending .{0,30}(suspended|paused|disabled|unusual)|unusual sending/,
  means: M.accountMayNotSend,
};
const POLICY =
  /administrative prohibition|access (is )?denied|denied|not permitted|policy|policies|prohibited|not welcome|go away|spam|forbidden|blocked/;

// The first rule that fits decides, so the specific ones come first. Enhanced codes: RFC 3463 and its IANA registry.
const RULES: Readonly<Record<Phase, readonly Rule[]>> = {
  greeting: [...LIMITS, ...CLIENT_RULES, { code: /^4/, means: M.trouble }, { means: M.servesNotUs }],
  hello: [
    ...LIMITS,
    ...CLIENT_RULES,
    // Google's relay, for a name that it does not accept: https://support.google.com/a/answer/3221692
    { words: /\((helo|ehlo)\)|try again later, closing connection/, means: M.heloRejected },
    { code: /^4/, words: /(helo|ehlo) command rejected: (host|domain) not found/, means: M.heloNotFound },
    { code: /^4/, words: /\b(helo|ehlo|hostname)\b/, means: M.heloRejected },
    { code: /^4/, means: M.trouble },
    { means: M.heloRejected },
  ],
  starttls: [{ code: /^4/, means: M.cannotEncryptNow }, { means: M.noStarttls }],
  authenticate: [
    ...LIMITS,
    {
      words:
        /smtp ?client ?authentication is disabled|(smtp auth|smtp|basic) ?(authentication )?is disabled|access rights to this service/,
      means: M.smtpSwitchedOff,
    },
    { code: /^534/, means: M.appPassword },
    { enhanced: /^5\.7\.9$/, means: M.appPassword },
    { words: /app(lication)?[- ](specific )?password/, means: M.appPassword },
    { code: /^53[08]/, means: M.encryptFirst },
    { enhanced: /^5\.7\.1[01]$/, means: M.encryptFirst },
    { words: /account .{0,30}(suspended|disabled|blocked|locked)/, means: M.accountMayNotSend },
    ...CLIENT_RULES,
    { code: /^4/, means: M.trouble },
    { code: /^50/, means: M.noLogin },
    { means: M.wrongPassword },
  ],
  sender: [
    { code: /^4/, words: GREYLISTED, means: M.trouble },
    ...ACCOUNT_RULES,
    ACCOUNT_STANDING,
    { code: /^552/, means: M.tooLarge },
    { code: /^4/, means: M.trouble },
    { words: /not verified|unverified/, means: M.senderNotVerified },
    { words: NO_SUCH_RECIPIENT, means: M.senderNotFound },
    { means: M.senderNotAllowed },
  ],
  recipient: [
    // A full mailbox is not a limit of the account.
    { enhanced: /^4\.2\.2$/, means: M.recipientDeferred },
    { enhanced: /^5\.2\.2$/, not: /submissionquota/, means: M.mailboxFull },
    { code: /^4/, words: GREYLISTED, means: M.recipientDeferred },
    ...ACCOUNT_RULES,
    { enhanced: /^4\.2\./, means: M.recipientDeferred },
    { code: /^421/, means: M.trouble },
    { code: /^4/, words: SERVER_TROUBLE, means: M.trouble },
    { enhanced: /^4\.[34]\./, means: M.trouble },
    { enhanced: /^4\.7\./, means: M.deferredByPolicy },
    { code: /^4/, means: M.recipientDeferred },
    { words: MAILBOX_FULL, means: M.mailboxFull },
    { words: NO_SUCH_RECIPIENT, means: M.recipientRefused },
    { words: CONTENT, means: M.messageRefused },
    { enhanced: /\.7\.\d+$/, means: M.refusedByPolicy },
    { enhanced: /^5\.[1234]\.[1-9]/, means: M.recipientRefused },
    { words: POLICY, means: M.refusedByPolicy },
    // RFC 5321, 4.2.4: the command is unknown or comes at the wrong time, which says nothing about the address.
    { code: /^50[023]/, means: M.commandRefused },
    { means: M.recipientRefused },
  ],
  message: [
    { enhanced: /^4\.2\.2$/, means: M.recipientDeferred },
    { enhanced: /^5\.2\.2$/, not: /submissionquota/, means: M.mailboxFull },
    { code: /^4/, words: GREYLISTED, means: M.trouble },
    ...ACCOUNT_RULES,
    { enhanced: /^4\.2\.[12]$/, means: M.recipientDeferred },
    { code: /^4/, means: M.trouble },
    { words: /not verified|unverified/, means: M.senderNotVerified },
    // A server that accepts a whole message for one recipient may reject the recipient only now.
    { enhanced: /^5\.1\.([1236]|10)$/, means: M.recipientRefused },
    { enhanced: /^5\.2\.1$/, means: M.recipientRefused },
    { code: /^55[0-4]/, words: NO_SUCH_RECIPIENT, not: /no valid recipients/, means: M.recipientRefused },
    { words: MAILBOX_FULL, means: M.mailboxFull },
    { code: /^552/, enhanced: /^$/, not: /virus|spam|content/, means: M.tooLarge },
    ACCOUNT_STANDING,
    { means: M.messageRefused },
  ],
};

/** What a reply means that rejected the command of a phase. */
export function meaningOf(phase: Phase, reply: SmtpReply): Meaning & Pick<AdapterErrorDetails, 'retryable'> {
  const meaning: Meaning = firstFit(RULES[phase], reply) ?? M.messageRefused;
  return { ...meaning, retryable: meaning.retryable ?? reply.code < 500 };
}
