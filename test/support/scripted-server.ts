import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TestCertificate } from './certificates.ts';
import { RawServer } from './raw-server.ts';

/** A complete reply without its last line break. A function may write to the socket itself and return undefined. */
export type Reply = string | ((line: string, socket: Socket) => string | undefined);

/** By the first word of a command, in capitals; `greeting` for the connection and `message` for the end of a message. */
export type Replies = Readonly<Record<string, Reply>>;

/** What arrived, byte by byte: as Latin-1, in which each byte is a character. */
export interface ReceivedMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Without the dot at the end. */
  readonly data: string;
}

const USUAL: Replies = {
  greeting: '220 mx.example ESMTP',
  EHLO: offering('AUTH PLAIN LOGIN'),
  AUTH: '235 2.7.0 Welcome',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 Go on',
  message: '250 2.0.0 Queued',
  RSET: '250 2.0.0 Ok',
  QUIT: '221 2.0.0 Bye',
};

/** The reply to EHLO of a server with these extensions. */
export function offering(...extensions: readonly string[]): string {
  const lines = ['mx.example', ...extensions];
  return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
}

/** A mail server that replies to each command as a test defines, and accepts the rest. */
export class ScriptedServer {
  /** The received lines of all connections, without those of messages. */
  readonly commands: string[] = [];
  readonly messages: ReceivedMessage[] = [];

  private constructor(
    private readonly raw: RawServer,
    private replies: Replies,
  ) {}

  /** @param certificate with it, the server supports STARTTLS */
  static async start(replies: Replies = {}, certificate?: TestCertificate): Promise<ScriptedServer> {
    const server = new ScriptedServer(
      await RawServer.start((socket) => {
        new Conversation(server, socket, certificate).reply('greeting', '');
      }),
      replies,
    );
    return server;
  }

  get port(): number {
    return this.raw.port;
  }

  get connections(): number {
    return this.raw.connections;
  }

  /** All that came unencrypted, from all connections. */
  get received(): string {
    return this.raw.received;
  }

  /** Replaces the script, for the conversations that follow. */
  follow(replies: Replies): void {
    this.replies = replies;
  }

  replyTo(step: string): Reply {
    return this.replies[step] ?? USUAL[step] ?? '500 5.5.2 What?';
  }

  knows(step: string): boolean {
    return this.replies[step] !== undefined;
  }

  close(): Promise<void> {
    return this.raw.close();
  }
}

class Conversation {
  private rest = '';
  private envelope: { mail: string; recipients: string[] } | undefined;
  private data: string[] | undefined;

  constructor(
    private readonly server: ScriptedServer,
    private readonly socket: Socket,
    private readonly certificate: TestCertificate | undefined,
  ) {
    socket.setNoDelay(true).on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (this.rest + chunk.toString('latin1')).split('\r\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.read(line);
    });
  }

  reply(step: string, line: string): void {
    const scripted = this.server.replyTo(step);
    const reply = typeof scripted === 'string' ? scripted : scripted(line, this.socket);
    if (reply === undefined) return;
    this.socket.write(`${reply}\r\n`);
    if (reply.startsWith('354')) this.data = [];
    // RFC 5321, 3.8 and 4.1.1.10: the server closes the connection.
    if (/^(421|221)/.test(reply)) this.socket.end();
  }

  private read(line: string): void {
    if (this.data !== undefined) return this.readMessage(line, this.data);
    this.server.commands.push(line);
    const step = line.split(' ')[0]?.toUpperCase() ?? '';
    if (step === 'STARTTLS' && this.certificate !== undefined && !this.server.knows(step)) {
      this.socket.write('220 2.0.0 Go on\r\n');
      this.socket.removeAllListeners('data');
      new Conversation(this.server, new TLSSocket(this.socket, { isServer: true, ...this.certificate }), undefined);
      return;
    }
    if (step === 'MAIL') this.envelope = { mail: line, recipients: [] };
    if (step === 'RCPT') this.envelope?.recipients.push(line);
    this.reply(step, line);
  }

  private readMessage(line: string, data: string[]): void {
    if (line !== '.') {
      data.push(line.replace(/^\./, ''));
      return;
    }
    this.data = undefined;
    if (this.envelope !== undefined) this.server.messages.push({ ...this.envelope, data: data.join('\r\n') });
    this.reply('message', line);
  }
}
