import { REPLY_ERRORS as M } from './smtp.reply-errors.ts';
import type { Rule } from './smtp.reply.ts';

/**
 * Replies about the server's limits. No code of RFC 3463 means "too fast"; the texts are those of Gmail, Microsoft 365,
 * Yahoo, Amazon SES, Postfix, Exim and cPanel.
 */
export const LIMITS: readonly Rule[] = [
  { code: /^5/, enhanced: /\.4\.5$/, error: M.quotaUsedUp },
  { enhanced: /^5\.1\.90$/, error: M.quotaUsedUp },
  {
    words:
      /\b(daily|hourly|monthly|sending|submission|smtp relay) ?[\w ]{0,30}(limit|quota)|submissionquota|credits exceeded|(emails?|messages|mails|recipients)( received)? (per|this) (hour|day|minute)|exceeded (the )?threshold/,
    not: /receiving|mailbox|over ?quota|user is/,
    error: M.quotaUsedUp,
  },
  { words: /too many (bad|failed|invalid) (auth|login|password)/, error: M.tooManyLogins },
  { words: /too many recipients from|too many (bad|invalid|unknown) recipients/, error: M.tooFast },
  { enhanced: /\.5\.3$/, error: M.tooManyRecipients },
  {
    words:
      /too many recipients|(maximum number|number) of recipients|separate transaction|multiple destination domains/,
    error: M.tooManyRecipients,
  },
  { enhanced: /\.7\.28$/, error: M.tooFast },
  {
    code: /^4/,
    words:
      /rate.?limit|throttl|too (fast|frequent|quickly)|too many|too much mail|limit exceeded|unusual rate|unexpected volume|user complaints/,
    not: /receiving mail|authenticate/,
    error: M.tooFast,
  },
];

const SENDER = String.raw`\b(sender('s)?|(envelope|header) from|from (address|domain|header)|from:|return-?path|reverse-path)( e-?mail)?( address| domain| identity)?`;

/**
 * Rules for replies to MAIL FROM, RCPT TO or the message that do not concern the recipient: a server may send them at
 * any of the three. Postfix delays all of them until RCPT TO unless `smtpd_delay_reject` is off, and so does qmail with
 * its list of senders. The first matching rule wins.
 */
export const ACCOUNT_RULES: readonly Rule[] = [
  {
    words:
      /(starttls|tls|encryption|secure connection) (is )?required|issue a starttls|requires? (starttls|tls|encryption)/,
    error: M.encryptFirst,
  },
  { code: /^53[08]/, words: /tls|encrypt|secure/, error: M.encryptFirst },
  // A list or a mailbox that only certain senders may write to; 5.7.12x and 5.7.13x of Exchange.
  { enhanced: /^5\.7\.(124|129|13[3-6])$/, error: M.senderNotWelcome },
  {
    words:
      /sendernotauthenticatedfor|closed mailing list|members?[ -]only|not on the recipient's list|isn't on the recipient's list|to (post|send|write) to (this|the) (group|list|mailbox)|only accepts? (mail|messages) from/,
    error: M.senderNotWelcome,
  },
  ...LIMITS,
  { enhanced: /\.6\.7$/, error: M.asciiOnly },
  { words: /smtputf8|internationali[sz]ed (mailbox|address)/, error: M.asciiOnly },
  {
    words:
      /send ?as ?denied|permissions? to send as|not owned by|send from (that|this)|not authori[sz]ed to send|from:? address must match|not match (the )?authenticated user/,
    error: M.senderNotAllowed,
  },
  // RFC 7372. Gmail's 5.7.27 and 5.7.30 are about SPF and DKIM too; 5.7.509 and 5.7.515 are Microsoft's.
  { enhanced: /\.7\.(2[0-46]|32|509|515)$/, error: M.senderUnauthenticated },
  {
    words:
      /\b(spf|dkim|dmarc)\b|sender policy framework|authentication checks|unauthenticated (e-?mail|mail)|sender is unauthenticated|anti-?spoofing/,
    error: M.senderUnauthenticated,
  },
  // Exim asks the sender's server; the explanation of its failure mentions HELO.
  {
    words:
      /(verification|callback setup) failed (for|while)|while (checking|verifying)|sender verif(y|ication)|sender callout/,
    error: M.senderNotFound,
  },
  { code: /^530/, error: M.loginFirst },
  { enhanced: /^5\.7\.57$/, error: M.loginFirst },
  {
    words:
      /(authentication|auth|login) (is )?required|requires authentication|must (be |first )?authenticat|not (yet )?(authenticated|logged in)|(please|need to) (authenticate|log ?in|turn on smtp auth)|without authentication|don't authenticate|unauthenticated senders|authenticate first|auth (command must be used )?first|pop before smtp/,
    error: M.loginFirst,
  },
  { enhanced: /^5\.7\.506$/, error: M.heloRejected },
  { words: /(helo|ehlo) command rejected: (host|domain) not found/, error: M.heloNotFound },
  {
    words: /(?<![\w.-])(helo|ehlo)(?![\w=-]|\.\w)|need fully-qualified hostname/,
    not: /(send|say|issue) (helo|ehlo)|(helo|ehlo)(\/(helo|ehlo))? first/,
    error: M.heloRejected,
  },
  { enhanced: /\.7\.25$/, error: M.noReverseDns },
  {
    words:
      /reverse[ -]dns|reverse lookup|\bptr\b|\brdns\b|cannot find your (reverse )?hostname|name lookup failed|forward dns/,
    error: M.noReverseDns,
  },
  // Zoho and others call it "relaying" if the sender does not belong to the account.
  { words: /relaying disallowed as|sender is not allowed to relay/, error: M.senderNotAllowed },
  {
    words:
      /\brelay(ing)? (access )?(denied|not|prohibited|refused)|\b(to|for|not|no|open|mail|allow|permit) relay(ing)?\b|relaying mail|rcpthosts|not a gateway|delivery is not allowed to this address/,
    error: M.relayDenied,
  },
  { words: /client host|not allowed to connect/, error: M.clientBlocked },
  // Microsoft's codes for addresses that it has banned.
  { enhanced: /^5\.7\.(511|513|6(0[6-9]|[1-4]\d))$/, error: M.clientBlocked },
  {
    words:
      /(sender('s)?|sending) ip|client \[|(block|black|deny) ?list|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|abuseat|sorbs|proofpoint|sending (mta|server|host)|messages from .{0,60}(permanently|temporarily) deferred|access to .{0,40}(mail|e-mail) system has been rejected/,
    not: /\bdbl\b|\b(sender|domain|e-?mail)( address)? (is|has|was|in|on|present|listed|black)/,
    error: M.clientBlocked,
  },
  {
    words:
      /\bip( address(es)?)?\b.{0,80}(block|black|bann|denied|forbidden|listed|not (allowed|accepted|in whitelist)|refused|reject|reputation)|(block|black|bann|denied|forbidden|listed|not (allowed|accepted)|refused|reject|reputation).{0,80}\bip\b/,
    error: M.clientBlocked,
  },
  {
    words: /\bfrom \[?\d{1,3}(\.\d{1,3}){3}.{0,80}(block|black|denied|refused|reject|not (be )?accepted)/,
    error: M.clientBlocked,
  },
  // RFC 3463: x.1.7 and x.1.8 concern the sender's address, for any command.
  { enhanced: /\.1\.7$/, words: /undeliverable|unverified|unknown|not found/, error: M.senderNotFound },
  { enhanced: /\.1\.7$/, error: M.senderInvalid },
  { enhanced: /^5\.1\.8$/, words: /bad outbound sender/, error: M.senderBlocked },
  { enhanced: /\.1\.8$/, error: M.senderNotFound },
  { enhanced: /\.7\.27$/, error: M.senderNotFound },
  { enhanced: /^5\.(7\.60|2\.252)$/, error: M.senderNotAllowed },
  {
    words:
      /verified sender identity|sender signature|not one of your verified|(sender|from|domain|identity|e-?mail address)( address)? is not verified|(sender|from)( address| domain)? (is )?unverified/,
    error: M.senderNotVerified,
  },
  {
    words: new RegExp(
      `${SENDER}.{0,25}(need fully-qualified|invalid format|syntax|must contain|must be specified|malformed)|required for sender|bad sender address`,
    ),
    error: M.senderInvalid,
  },
  {
    words: new RegExp(
      `${SENDER}.{0,25}(not found|does not exist|must exist|does not resolve|unknown|undeliverable|unverified|address verification|unroutable|has no |null ?mx)|(unroutable|unresolvable|unknown) sender|valid mx for sender|unresolvable .{0,20}from domain`,
    ),
    error: M.senderNotFound,
  },
  {
    words: new RegExp(
      `${SENDER}.{0,25}(reject|denied|refused|block|black|bann|badmailfrom|not (allowed|accepted|permitted|valid)|invalid|disabled|spam)|(bad|banned|invalid|blocked|blacklisted) (mail )?sender|badmailfrom|reputation of the sending domain|mail from .{0,30}(not allowed|refused|reject)|unregistered domain`,
    ),
    error: M.senderBlocked,
  },
  { enhanced: /\.(3\.4|2\.3)$/, error: M.tooLarge },
  {
    words:
      /(message|mail|data|size)[\w ]{0,20} too (big|large)|(message|mail|header) (size|length) .{0,40}exceed|exceed.{0,40}(size|length)|(message|mail|size) .{0,20}databytes|message is too/,
    error: M.tooLarge,
  },
  { enhanced: /\.7\.13$/, error: M.accountMayNotSend },
  { words: /not authori[sz]ed to perform|is not allowed to send/, error: M.accountMayNotSend },
];
