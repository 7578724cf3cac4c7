import type { Socket } from 'node:net';
import { RawServer } from '../../../test/support/raw-server.ts';

/** The received form of one message, byte by byte: as Latin-1, in which each byte is a character. */
export interface RecordedMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Without the dot at the end; null if DATA was not sent. */
  readonly data: string | null;
}

/** A mail server that accepts everything and records the bytes. */
export class RecordingServer {
  /** All commands of all connections. */
  readonly commands: string[] = [];
  readonly messages: RecordedMessage[] = [];
  private open: { mail: string; recipients: string[]; data: string | null } | undefined;

  private constructor(private readonly extensions: readonly string[]) {}

  static async start(extensions: readonly string[]): Promise<RecordingServer & RawServer> {
    const recording = new RecordingServer(extensions);
    const server = await RawServer.start((socket) => recording.talk(socket));
    return Object.assign(server, { commands: recording.commands, messages: recording.messages }) as RecordingServer &
      RawServer;
  }

  private talk(socket: Socket): void {
    let rest = '';
    let data: string[] | undefined;
    const reply = (text: string): boolean => socket.write(`${text}\r\n`);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data === undefined) {
          if (/^DATA$/i.test(line)) data = [];
          this.answer(line, reply);
        } else if (line === '.') {
          if (this.open !== undefined) this.open.data = data.join('\r\n');
          data = undefined;
          reply('250 2.0.0 Queued');
        } else data.push(line.replace(/^\./, ''));
      }
    });
    reply('220 mx.example ESMTP');
  }

  private answer(line: string, reply: (text: string) => boolean): void {
    this.commands.push(line);
    const verb = line.split(' ')[0]?.toUpperCase();
    if (verb === 'EHLO') {
      const names = ['mx.example', ...this.extensions];
      reply(names.map((name, index) => `250${index === names.length - 1 ? ' ' : '-'}${name}`).join('\r\n'));
    } else if (verb === 'DATA') reply('354 Go on');
    else if (verb === 'QUIT') reply('221 2.0.0 Bye');
    else {
      if (verb === 'MAIL') this.messages.push((this.open = { mail: line, recipients: [], data: null }));
      if (verb === 'RCPT') this.open?.recipients.push(line);
      reply('250 2.0.0 Ok');
    }
  }
}
