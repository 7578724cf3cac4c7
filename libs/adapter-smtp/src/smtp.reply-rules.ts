import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { ACCOUNT_RULES, LIMITS } from './smtp.account-rules.ts';
import { REPLY_ERRORS as M, type ReplyError } from './smtp.reply-errors.ts';
import { firstMatch, type Rule, type SmtpReply } from './smtp.reply.ts';

/** The command that the server replied to. */
export type Phase = 'greeting' | 'hello' | 'starttls' | 'authenticate' | 'sender' | 'recipient' | 'message';

// Before MAIL FROM, only these can concern the client.
const CLIENT_RULES = ACCOUNT_RULES.filter(({ error }) => error === M.noReverseDns || error === M.clientBlocked);

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
  error: M.accountMayNotSend,
};
const POLICY =
  /administrative prohibition|access (is )?denied|denied|not permitted|policy|policies|prohibited|not welcome|go away|spam|forbidden|blocked/;

// The first matching rule wins, so the specific ones come first. Enhanced codes: RFC 3463 and its IANA registry.
const RULES: Readonly<Record<Phase, readonly Rule[]>> = {
  greeting: [...LIMITS, ...CLIENT_RULES, { code: /^4/, error: M.trouble }, { error: M.servesNotUs }],
  hello: [
    ...LIMITS,
    ...CLIENT_RULES,
    // Google's relay, if it does not accept the name: https://support.google.com/a/answer/3221692
    { words: /\((helo|ehlo)\)|try again later, closing connection/, error: M.heloRejected },
    { code: /^4/, words: /(helo|ehlo) command rejected: (host|domain) not found/, error: M.heloNotFound },
    { code: /^4/, words: /\b(helo|ehlo|hostname)\b/, error: M.heloRejected },
    { code: /^4/, error: M.trouble },
    { error: M.heloRejected },
  ],
  starttls: [{ code: /^4/, error: M.cannotEncryptNow }, { error: M.noStarttls }],
  authenticate: [
    ...LIMITS,
    {
      words:
        /smtp ?client ?authentication is disabled|(smtp auth|smtp|basic) ?(authentication )?is disabled|access rights to this service/,
      error: M.smtpSwitchedOff,
    },
    { code: /^534/, error: M.appPassword },
    { enhanced: /^5\.7\.9$/, error: M.appPassword },
    { words: /app(lication)?[- ](specific )?password/, error: M.appPassword },
    { code: /^53[08]/, error: M.encryptFirst },
    { enhanced: /^5\.7\.1[01]$/, error: M.encryptFirst },
    { words: /account .{0,30}(suspended|disabled|blocked|locked)/, error: M.accountMayNotSend },
    ...CLIENT_RULES,
    { code: /^4/, error: M.trouble },
    { code: /^50/, error: M.noLogin },
    { error: M.wrongPassword },
  ],
  sender: [
    { code: /^4/, words: GREYLISTED, error: M.trouble },
    ...ACCOUNT_RULES,
    ACCOUNT_STANDING,
    { code: /^552/, error: M.tooLarge },
    { code: /^4/, error: M.trouble },
    { words: /not verified|unverified/, error: M.senderNotVerified },
    { words: NO_SUCH_RECIPIENT, error: M.senderNotFound },
    { error: M.senderNotAllowed },
  ],
  recipient: [
    // A full mailbox is not a limit of the account.
    { enhanced: /^4\.2\.2$/, error: M.recipientDeferred },
    { enhanced: /^5\.2\.2$/, not: /submissionquota/, error: M.mailboxFull },
    { code: /^4/, words: GREYLISTED, error: M.recipientDeferred },
    ...ACCOUNT_RULES,
    { enhanced: /^4\.2\./, error: M.recipientDeferred },
    { code: /^421/, error: M.trouble },
    { code: /^4/, words: SERVER_TROUBLE, error: M.trouble },
    { enhanced: /^4\.[34]\./, error: M.trouble },
    { enhanced: /^4\.7\./, error: M.deferredByPolicy },
    { code: /^4/, error: M.recipientDeferred },
    { words: MAILBOX_FULL, error: M.mailboxFull },
    { words: NO_SUCH_RECIPIENT, error: M.recipientRefused },
    { words: CONTENT, error: M.messageRefused },
    { enhanced: /\.7\.\d+$/, error: M.refusedByPolicy },
    { enhanced: /^5\.[1234]\.[1-9]/, error: M.recipientRefused },
    { words: POLICY, error: M.refusedByPolicy },
    // RFC 5321, 4.2.4: the command is unknown or out of sequence, which says nothing about the address.
    { code: /^50[023]/, error: M.commandRefused },
    { error: M.recipientRefused },
  ],
  message: [
    { enhanced: /^4\.2\.2$/, error: M.recipientDeferred },
    { enhanced: /^5\.2\.2$/, not: /submissionquota/, error: M.mailboxFull },
    { code: /^4/, words: GREYLISTED, error: M.trouble },
    ...ACCOUNT_RULES,
    { enhanced: /^4\.2\.[12]$/, error: M.recipientDeferred },
    { code: /^4/, error: M.trouble },
    { words: /not verified|unverified/, error: M.senderNotVerified },
    // A server that accepts a message for a single recipient may reject the recipient only now.
    { enhanced: /^5\.1\.([1236]|10)$/, error: M.recipientRefused },
    { enhanced: /^5\.2\.1$/, error: M.recipientRefused },
    { code: /^55[0-4]/, words: NO_SUCH_RECIPIENT, not: /no valid recipients/, error: M.recipientRefused },
    { words: MAILBOX_FULL, error: M.mailboxFull },
    { code: /^552/, enhanced: /^$/, not: /virus|spam|content/, error: M.tooLarge },
    ACCOUNT_STANDING,
    { error: M.messageRefused },
  ],
};

/** Returns the error for a reply that rejected the command of a phase. */
export function errorOfReply(phase: Phase, reply: SmtpReply): ReplyError & Pick<AdapterErrorDetails, 'retryable'> {
  const error: ReplyError = firstMatch(RULES[phase], reply) ?? M.messageRefused;
  return { ...error, retryable: error.retryable ?? reply.code < 500 };
}
