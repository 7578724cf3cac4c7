import {
  isVerifiedSender,
  type SandboxMail,
  scenarioOf,
  type SimulatedEvent,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
} from '@score-crm/adapter-kit/sandbox';
import { type LoginAttempt, MailServer, type ReceivedMessage, type Refusal } from './mail-server.ts';

/** The password of all accounts. */
const PASSWORD = 'sandbox-password-open-sesame';
const WORKING = 'sandbox';

/** The relay's reply to an account that has a problem, and the command that it replies to. */
interface Trouble {
  readonly login?: string;
  readonly sender?: string;
  readonly message?: string;
}

/** By username. The texts are those of well-known relays, as the adapter must distinguish them. */
const ACCOUNTS: ReadonlyMap<string | undefined, Trouble> = new Map<string | undefined, Trouble>([
  [WORKING, {}],
  ['sandbox-app-password', { login: '534 5.7.9 Application-specific password required' }],
  ['sandbox-unavailable', { login: '454 4.7.0 Temporary authentication failure' }],
  ['sandbox-quota', { sender: '550 5.4.5 Daily user sending limit exceeded' }],
  ['sandbox-rate', { sender: '450 4.7.0 Rate limit exceeded, slow down' }],
  ['sandbox-sender', { sender: '553 5.7.1 Sender address rejected: not owned by user' }],
  ['sandbox-unverified', { sender: '553 5.7.1 Sender address is not verified' }],
  ['sandbox-content', { message: '554 5.7.1 Message refused for its content' }],
]);

/** Changes to the settings of the working account, by the code of the error that they cause. */
const FAILURES = {
  app_password_required: { username: 'sandbox-app-password' },
  authentication_failed: { password: 'sandbox-password-wrong' },
  message_rejected: { username: 'sandbox-content' },
  quota_exceeded: { username: 'sandbox-quota' },
  rate_limited: { username: 'sandbox-rate' },
  sender_not_verified: { username: 'sandbox-unverified' },
  sender_rejected: { username: 'sandbox-sender' },
  // The sandbox does not encrypt.
  starttls_not_offered: { secure: true },
  temporarily_unavailable: { username: 'sandbox-unavailable' },
  tls_not_spoken: { secure: true, tlsMode: 'implicit' },
} as const;

/** A mail server on 127.0.0.1 that simulates a relay: it keeps what it receives, and refuses what a relay would. */
export class SmtpSandbox extends MailServer implements VendorSandbox {
  readonly vendor = 'smtp';
  readonly failures = FAILURES;
  /** Always empty: SMTP has no webhooks. */
  readonly webhooks = [];

  private constructor(private readonly verifiedSenders: readonly string[] | undefined) {
    super({ authentication: 'required' });
  }

  static async start({ port, verifiedSenders }: VendorSandboxOptions = {}): Promise<SmtpSandbox> {
    return new SmtpSandbox(verifiedSenders).listen(port);
  }

  get settings() {
    return { host: '127.0.0.1', port: this.port, secure: false, username: WORKING, password: PASSWORD };
  }

  get mails(): readonly SandboxMail[] {
    return this.messages.map(({ from, to, parsed }: ReceivedMessage) => ({
      messageId: parsed.messageId ?? '',
      from,
      recipients: to,
      subject: parsed.subject ?? '',
    }));
  }

  /** Resolves immediately: no events follow a message. */
  async settled(): Promise<void> {}

  protected override refuseLogin({ username, password }: LoginAttempt): Refusal {
    const account = ACCOUNTS.get(username);
    if (account === undefined || password !== PASSWORD) return '535 5.7.8 Authentication credentials invalid';
    return account.login;
  }

  protected override refuseSender(address: string, login: LoginAttempt | undefined): Refusal {
    const isVerified = isVerifiedSender(this.verifiedSenders, address);
    return isVerified ? ACCOUNTS.get(login?.username)?.sender : '553 5.7.1 Sender address is not verified';
  }

  protected override refuseRecipient(address: string): Refusal {
    return recipientRefusal(address);
  }

  protected override refuseMessage(username: string | undefined): Refusal {
    return ACCOUNTS.get(username)?.message;
  }
}

/**
 * Returns a relay's immediate reply to a message for this address. A relay only knows what the recipient's server or
 * its own suppression list reports during the call; opens, clicks and complaints have no reply.
 */
function recipientRefusal(address: string): Refusal {
  return scenarioOf(address)
    .map(refusal)
    .find((reply) => reply !== undefined);
}

function refusal(simulatedEvent: SimulatedEvent): Refusal {
  if (simulatedEvent.kind === 'rejected') return '550 5.7.1 Recipient address is suppressed';
  if (simulatedEvent.kind === 'bounced') return reply(simulatedEvent.code, simulatedEvent);
  // 421, as other sandboxes use, would end the whole session here (RFC 5321, section 3.8).
  return simulatedEvent.kind === 'deferred' ? reply(451, simulatedEvent) : undefined;
}

function reply(code: number, { enhancedCode, text }: { readonly enhancedCode: string; readonly text: string }): string {
  return `${String(code)} ${enhancedCode} ${text}`;
}

export const startSandbox: StartSandbox = (options) => SmtpSandbox.start(options);
