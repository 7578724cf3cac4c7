import {
  isVerifiedSender,
  type SandboxMail,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
} from '@score-crm/adapter-kit/sandbox';
import { ACCOUNTS, FAILURES, PASSWORD, WORKING } from './accounts.ts';
import { type LoginAttempt, MailServer, type ReceivedMessage, type Refusal } from './mail-server.ts';
import { recipientRefusal } from './recipient-refusal.ts';

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

  protected override refuseSender(address: string, username: string | undefined): Refusal {
    const isVerified = isVerifiedSender(this.verifiedSenders, address);
    return isVerified ? ACCOUNTS.get(username)?.sender : '553 5.7.1 Sender address is not verified';
  }

  protected override refuseRecipient(address: string): Refusal {
    return recipientRefusal(address);
  }

  protected override refuseMessage(username: string | undefined): Refusal {
    return ACCOUNTS.get(username)?.message;
  }
}

export const startSandbox: StartSandbox = (options) => SmtpSandbox.start(options);
