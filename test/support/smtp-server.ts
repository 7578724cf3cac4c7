import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { callbackify } from 'node:util';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { TestCertificate } from './certificates.ts';

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

export interface TestSmtpServerOptions {
  /** `starttls` where a certificate is given, else `none`. */
  readonly encryption?: 'none' | 'starttls' | 'implicit';
  readonly certificate?: TestCertificate;
  /** `none`: AUTH is neither offered nor known. */
  readonly authentication?: 'required' | 'optional' | 'none';
  readonly username?: string;
  readonly password?: string;
  readonly refuse?: Refusals;
  /** Bytes; announced as SIZE and enforced. */
  readonly maxMessageBytes?: number;
  /** Milliseconds before the message is confirmed. */
  readonly delayMs?: number;
}

export interface LoginAttempt {
  readonly method: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly encrypted: boolean;
}

export interface ReceivedMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly encrypted: boolean;
  readonly username: string | undefined;
}

/** A mail server on a free port of 127.0.0.1 that keeps what it gets. */
export class TestSmtpServer {
  readonly logins: LoginAttempt[] = [];
  readonly messages: ReceivedMessage[] = [];
  readonly username: string;
  readonly password: string;
  connections = 0;
  openConnections = 0;

  private readonly sockets = new Set<Socket>();
  private readonly server: SMTPServer;

  private constructor(private readonly options: TestSmtpServerOptions) {
    this.username = options.username ?? 'user@example.com';
    this.password = options.password ?? 'correct horse battery staple';
    this.server = this.createServer();
    // A client that gives up in the middle is part of the tests.
    this.server.on('error', () => undefined);
  }

  static async start(options: TestSmtpServerOptions = {}): Promise<TestSmtpServer> {
    const test = new TestSmtpServer(options);
    await once(test.server.listen(0, '127.0.0.1'), 'listening');
    test.server.server.on('connection', (socket: Socket) => {
      test.sockets.add(socket);
      socket.on('close', () => test.sockets.delete(socket));
    });
    return test;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** What a server does with clients that are idle for long. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private createServer(): SMTPServer {
    const { certificate, authentication = 'required', refuse = {}, delayMs = 0 } = this.options;
    const encryption = this.options.encryption ?? (certificate === undefined ? 'none' : 'starttls');
    return new SMTPServer({
      ...certificate,
      secure: encryption === 'implicit',
      hideSTARTTLS: encryption !== 'starttls',
      disabledCommands: [
        ...(authentication === 'none' ? ['AUTH'] : []),
        ...(encryption === 'none' ? ['STARTTLS'] : []),
      ],
      authOptional: authentication !== 'required',
      allowInsecureAuth: true,
      // The replies of `refuse` bring their own.
      hideENHANCEDSTATUSCODES: true,
      disableReverseLookup: true,
      closeTimeout: 100,
      ...(this.options.maxMessageBytes === undefined ? {} : { size: this.options.maxMessageBytes }),
      onConnect: (_session, done) => {
        this.connections += 1;
        this.openConnections += 1;
        done(refusal(refuse.greeting));
      },
      onClose: () => {
        this.openConnections -= 1;
      },
      onAuth: ({ method, username, password }, session, done) => {
        this.logins.push({ method, username, password: password ?? undefined, encrypted: session.secure });
        const right = username === this.username && password === this.password;
        const refused = refusal(
          refuse.authentication ?? (right ? undefined : '535 5.7.8 Authentication credentials invalid'),
        );
        if (refused === null) done(null, { user: username });
        else done(refused);
      },
      onMailFrom: (_address, _session, done) => done(refusal(refuse.sender)),
      onRcptTo: ({ address }, _session, done) => done(refusal(refuse.recipients?.[address])),
      onData: (stream, session, done) => {
        const receive = callbackify(async () => {
          const raw = await read(stream);
          const refused = refusal(stream.sizeExceeded ? '552 5.3.4 Message too big' : refuse.message);
          if (refused !== null) throw refused;
          const { mailFrom, rcptTo } = session.envelope;
          this.messages.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: raw.toString(),
            parsed: await simpleParser(raw),
            encrypted: session.secure,
            username: session.user ?? undefined,
          });
          await setTimeout(delayMs);
          return 'Queued';
        });
        receive(done);
      },
    });
  }
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function refusal(reply: string | undefined): Error | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
