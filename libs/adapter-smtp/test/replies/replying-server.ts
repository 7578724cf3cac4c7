import type { Socket } from 'node:net';
import { RawServer } from '../../../../test/support/raw-server.ts';
import type { Command } from './reply-row.ts';

export interface Script {
  readonly at: Command;
  /** Lines by `\n`. */
  readonly reply: string;
  /** Other recipients are accepted; if omitted, the reply applies to all. */
  readonly onlyFor?: string;
  /** The reply to the other recipients; if omitted, they are accepted. */
  readonly otherwise?: string;
  readonly pipelining?: boolean;
}

/** A mail server that accepts everything except one command. */
export function replyingServer(script: Script): Promise<RawServer> {
  return RawServer.start((socket) => {
    socket.setNoDelay(true);
    const session = new Session(socket, script);
    socket.on('data', (chunk) => session.receive(chunk.toString()));
  });
}

class Session {
  private rest = '';
  private isMessage = false;

  constructor(
    private readonly socket: Socket,
    private readonly script: Script,
  ) {
    this.answer('greeting', '220 mx.test.example ESMTP');
  }

  receive(chunk: string): void {
    const lines = (this.rest + chunk).split('\r\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.onLine(line);
  }

  private onLine(line: string): void {
    if (this.isMessage) {
      if (line !== '.') return;
      this.isMessage = false;
      this.answer('end', '250 2.0.0 Queued');
      return;
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') this.answer('ehlo', this.extensions());
    else if (verb === 'STAR') this.answer('starttls', '454 4.7.0 Not in this test');
    else if (verb === 'AUTH') this.answer('auth', '235 2.7.0 Welcome');
    else if (verb === 'MAIL') this.answer('mail', '250 2.1.0 Sender accepted');
    else if (verb === 'RCPT') this.onRecipient(line);
    else if (verb === 'DATA') this.onData();
    else if (verb === 'QUIT') this.socket.end('221 2.0.0 Bye\r\n');
    else this.socket.write('250 2.0.0 Done\r\n');
  }

  private onRecipient(line: string): void {
    const { onlyFor, otherwise = '250 2.1.5 Recipient accepted' } = this.script;
    const isMeant = onlyFor === undefined || line.includes(`<${onlyFor}>`);
    this.answer('rcpt', otherwise, isMeant);
  }

  private onData(): void {
    this.isMessage = this.script.at !== 'data';
    this.answer('data', '354 Go ahead');
  }

  private extensions(): string {
    const { at, pipelining } = this.script;
    const offered = ['mx.test.example', 'AUTH PLAIN LOGIN', ...(pipelining === true ? ['PIPELINING'] : [])];
    if (at === 'starttls') offered.push('STARTTLS');
    return offered.map((line, index) => `250${index === offered.length - 1 ? ' ' : '-'}${line}`).join('\n');
  }

  private answer(at: Command, accepting: string, isMeant = true): void {
    const isRefused = at === this.script.at && isMeant;
    const reply = isRefused ? this.script.reply : accepting;
    this.socket.write(`${reply.replaceAll('\n', '\r\n')}\r\n`);
    // RFC 5321, 3.8: after a 421 the server closes the connection.
    if (isRefused && reply.startsWith('421')) this.socket.end();
  }
}
