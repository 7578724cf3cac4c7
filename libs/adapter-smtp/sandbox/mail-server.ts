import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { callbackify } from 'node:util';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

export interface MailServerOptions {
  /** `starttls` if a certificate is given, otherwise `none`. */
  readonly encryption?: 'none' | 'starttls' | 'implicit';
  /** Both in PEM form. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** `none`: AUTH is neither offered nor known. */
  readonly authentication?: 'required' | 'optional' | 'none';
  /** Maximum message size in bytes; announced as SIZE and enforced. */
  readonly maxMessageBytes?: number;
}

export interface LoginAttempt {
  readonly method: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly encrypted: boolean;
}

export interface ReceivedMessage {
  /** Of the envelope, like the recipients, which include bcc. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly encrypted: boolean;
  readonly username: string | undefined;
  /** With which its session logged in. */
  readonly password: string | undefined;
}

/** A complete reply that refuses, such as `550 5.1.1 No such user`, or undefined to accept. */
export type Refusal = string | undefined;

/** A mail server on 127.0.0.1 that keeps what it receives and delivers nothing. Subclasses decide what it refuses. */
export abstract class MailServer {
  readonly logins: LoginAttempt[] = [];
  /** The accepted messages, newest last. */
  readonly messages: ReceivedMessage[] = [];
  connections = 0;
  openConnections = 0;

  private readonly sockets = new Set<Socket>();
  private readonly server: SMTPServer;

  protected constructor(options: MailServerOptions) {
    this.server = this.createServer(options);
    // A client that gives up in the middle is not an error of the server.
    this.server.on('error', () => undefined);
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** Closes connections that are idle for too long. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }

  /** @param port 0 selects a free port */
  protected async listen(port = 0): Promise<this> {
    const listening = this.server.listen(port, '127.0.0.1');
    listening.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await once(listening, 'listening');
    return this;
  }

  protected refuseConnection(): Refusal {
    return undefined;
  }

  protected abstract refuseLogin(attempt: LoginAttempt): Refusal;

  protected refuseSender(_address: string, _login: LoginAttempt | undefined): Refusal {
    return undefined;
  }

  protected refuseRecipient(_address: string): Refusal {
    return undefined;
  }

  /** Called after the message has arrived. */
  protected refuseMessage(_username: string | undefined): Refusal {
    return undefined;
  }

  /** Called with a message that is kept, before it is confirmed. */
  protected async accepted(_message: ReceivedMessage): Promise<void> {}

  private createServer(options: MailServerOptions): SMTPServer {
    const { certificate, authentication = 'required', maxMessageBytes } = options;
    const encryption = options.encryption ?? (certificate === undefined ? 'none' : 'starttls');
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
      // The refusals have their own enhanced codes.
      hideENHANCEDSTATUSCODES: true,
      disableReverseLookup: true,
      // It counts clients that have hung up as connected.
      closeTimeout: 1,
      ...(maxMessageBytes === undefined ? {} : { size: maxMessageBytes }),
      onConnect: (_session, done) => {
        this.connections += 1;
        this.openConnections += 1;
        done(errorOf(this.refuseConnection()));
      },
      onClose: () => {
        this.openConnections -= 1;
      },
      onAuth: ({ method, username, password }, session, done) => {
        const attempt = { method, username, password: password ?? undefined, encrypted: session.secure };
        this.logins.push(attempt);
        const refused = errorOf(this.refuseLogin(attempt));
        if (refused === null) done(null, { user: attempt });
        else done(refused);
      },
      onMailFrom: ({ address }, session, done) => done(errorOf(this.refuseSender(address, loginOf(session)))),
      onRcptTo: ({ address }, _session, done) => done(errorOf(this.refuseRecipient(address))),
      onData: (stream, session, done) => callbackify(() => this.receive(stream, session))(done),
    });
  }

  private async receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const raw = await read(stream);
    const { username, password } = loginOf(session) ?? {};
    const refused = errorOf(stream.sizeExceeded ? '552 5.3.4 Message too big' : this.refuseMessage(username));
    if (refused !== null) throw refused;
    const { mailFrom, rcptTo } = session.envelope;
    const message = {
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => onTheWire(address)),
      raw: raw.toString(),
      parsed: await simpleParser(raw),
      encrypted: session.secure,
      username,
      password,
    };
    this.messages.push(message);
    await this.accepted(message);
    return 'Queued';
  }
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As returned by `onAuth`; the library allows any type. */
function loginOf({ user }: SMTPServerSession): LoginAttempt | undefined {
  return user as LoginAttempt | undefined;
}

function errorOf(refusal: Refusal): Error | null {
  if (refusal === undefined) return null;
  return Object.assign(new Error(refusal.slice(4)), { responseCode: Number(refusal.slice(0, 3)) });
}

/** smtp-server shows a domain in its native letters; MAIL and RCPT have it in ASCII. */
function onTheWire(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at + 1)}${domainToASCII(address.slice(at + 1)) || address.slice(at + 1)}`;
}
