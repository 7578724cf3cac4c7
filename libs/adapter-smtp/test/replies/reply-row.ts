import type { AdapterErrorCode, BounceClass, Fault } from '@score-crm/adapter-kit';

/** The command that the server replies to; `end` is the end of the message. */
export type Command = 'greeting' | 'ehlo' | 'auth' | 'mail' | 'rcpt' | 'data' | 'end';

/** A server's reply and the error that it causes. The replies are paraphrased, with documentation addresses. */
export interface ReplyRow {
  readonly server: string;
  /** Where the reply is documented: a URL, or a file of a repository. */
  readonly source: string;
  /** The command with this reply; `any`: MAIL FROM, RCPT TO, DATA and the end of the message. */
  readonly at: Command | 'any' | 'rcpt or end';
  /** Lines by `\n`. */
  readonly reply: string;
  readonly code: AdapterErrorCode;
  readonly fault: Fault;
  readonly retryable: boolean;
  /** The class of the `rejected` event if other recipients were accepted. */
  readonly bounce?: BounceClass;
  /** What the hint must mention. */
  readonly hint: RegExp;
}

type Expectation = Pick<ReplyRow, 'code' | 'fault' | 'retryable' | 'hint'> & Pick<ReplyRow, 'bounce'>;

/** The expectations that many rows share. */
export const EXPECT = {
  sender: { code: 'sender_rejected', fault: 'sender', retryable: false, bounce: 'block', hint: /sender/ },
  senderForNow: { code: 'sender_rejected', fault: 'sender', retryable: true, bounce: 'block', hint: /sender/ },
  unverified: { code: 'sender_not_verified', fault: 'sender', retryable: false, bounce: 'block', hint: /verif/i },
  spf: { code: 'sender_rejected', fault: 'sender', retryable: false, bounce: 'block', hint: /SPF, DKIM and DMARC/ },
  helo: {
    code: 'server_refuses_service',
    fault: 'configuration',
    retryable: false,
    bounce: 'policy',
    hint: /Set the HELO name/,
  },
  client: {
    code: 'server_refuses_service',
    fault: 'configuration',
    retryable: false,
    bounce: 'block',
    hint: /IP address/,
  },
  reverseDns: {
    code: 'server_refuses_service',
    fault: 'configuration',
    retryable: false,
    bounce: 'block',
    hint: /PTR record/,
  },
  relay: { code: 'permission_denied', fault: 'configuration', retryable: false, bounce: 'block', hint: /relay/ },
  login: { code: 'permission_denied', fault: 'configuration', retryable: false, bounce: 'block', hint: /login/ },
  encrypt: { code: 'encryption_required', fault: 'configuration', retryable: false, bounce: 'block', hint: /encrypt/ },
  rate: { code: 'rate_limited', fault: 'vendor', retryable: true, bounce: 'soft', hint: /slowly/ },
  recipients: { code: 'rate_limited', fault: 'vendor', retryable: true, bounce: 'soft', hint: /recipients/ },
  quota: { code: 'quota_exceeded', fault: 'vendor', retryable: true, bounce: 'soft', hint: /quota/ },
  trouble: { code: 'temporarily_unavailable', fault: 'vendor', retryable: true, bounce: 'soft', hint: /later/ },
  dead: { code: 'recipient_rejected', fault: 'recipient', retryable: false, bounce: 'hard', hint: /Check the address/ },
  gone: {
    code: 'recipient_rejected',
    fault: 'recipient',
    retryable: false,
    bounce: 'unknown',
    hint: /Check the address/,
  },
  full: { code: 'recipient_rejected', fault: 'recipient', retryable: false, bounce: 'soft', hint: /mailbox is full/ },
  later: { code: 'recipient_deferred', fault: 'recipient', retryable: true, bounce: 'soft', hint: /later/ },
  policy: {
    code: 'recipient_rejected',
    fault: 'configuration',
    retryable: false,
    bounce: 'block',
    hint: /permissions/,
  },
  command: { code: 'unexpected', fault: 'vendor', retryable: false, bounce: 'policy', hint: /command/ },
  large: { code: 'message_too_large', fault: 'configuration', retryable: false, bounce: 'policy', hint: /smaller/ },
  content: { code: 'message_rejected', fault: 'sender', retryable: false, hint: /content/ },
  password: { code: 'authentication_failed', fault: 'configuration', retryable: false, hint: /username or password/ },
  appPassword: { code: 'app_password_required', fault: 'configuration', retryable: false, hint: /app password/ },
  switchedOff: { code: 'authentication_failed', fault: 'configuration', retryable: false, hint: /SMTP AUTH/ },
  mayNotSend: { code: 'permission_denied', fault: 'configuration', retryable: false, bounce: 'block', hint: /active/ },
} as const satisfies Record<string, Expectation>;

/** The rows of one server. */
export function rowsOf(
  server: string,
  source: string,
  ...rows: readonly (readonly [at: ReplyRow['at'], reply: string, expected: Expectation, source?: string])[]
): readonly ReplyRow[] {
  return rows.map(([at, reply, expected, own]) => ({ server, source: own ?? source, at, reply, ...expected }));
}
