import { setTimeout } from 'node:timers/promises';
import {
  type LoginAttempt,
  MailServer,
  type MailServerOptions,
  type Refusal,
} from '../../libs/adapter-smtp/sandbox/index.ts';

/** Whole replies, such as `550 5.1.1 No such user`. */
export interface Refusals {
  readonly greeting?: string;
  readonly authentication?: string;
  readonly sender?: string;
  /** By recipient. */
  readonly recipients?: Readonly<Record<string, string>>;
  /** After the message itself. */
  readonly message?: string;
}

export interface TestSmtpServerOptions extends MailServerOptions {
  readonly username?: string;
  readonly password?: string;
  readonly refuse?: Refusals;
  /** Milliseconds before the message is confirmed. */
  readonly delayMs?: number;
}

/** A mail server on a free port of 127.0.0.1 that keeps what it gets and refuses what it is told to. */
export class TestSmtpServer extends MailServer {
  readonly username: string;
  readonly password: string;
  private readonly refuse: Refusals;

  private constructor(private readonly options: TestSmtpServerOptions) {
    super(options);
    this.username = options.username ?? 'user@example.com';
    this.password = options.password ?? 'correct horse battery staple';
    this.refuse = options.refuse ?? {};
  }

  static async start(options: TestSmtpServerOptions = {}): Promise<TestSmtpServer> {
    return new TestSmtpServer(options).listen();
  }

  protected override refuseConnection(): Refusal {
    return this.refuse.greeting;
  }

  protected override refuseLogin({ username, password }: LoginAttempt): Refusal {
    const isRight = username === this.username && password === this.password;
    return this.refuse.authentication ?? (isRight ? undefined : '535 5.7.8 Authentication credentials invalid');
  }

  protected override refuseSender(): Refusal {
    return this.refuse.sender;
  }

  protected override refuseRecipient(address: string): Refusal {
    return this.refuse.recipients?.[address];
  }

  protected override refuseMessage(): Refusal {
    return this.refuse.message;
  }

  protected override async accepted(): Promise<void> {
    await setTimeout(this.options.delayMs ?? 0);
  }
}
