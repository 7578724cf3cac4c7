import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { RawServer } from '../../../test/support/raw-server.ts';

/** A complete reply without its last line break; a function may write to the socket itself. */
export type Answer = string | ((line: string, socket: Socket) => string | undefined);

/** By the first word of the command; also for the connection and for the end of a message. */
export interface Answers {
  readonly [step: string]: Answer;
}

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const USUAL: Answers = {
  greeting: '220 mx.example ESMTP',
  EHLO: '250-mx.example\r\n250 AUTH PLAIN LOGIN',
  AUTH: '235 2.7.0 Welcome',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 Go on',
  message: '250 2.0.0 Queued',
  RSET: '250 2.0.0 Ok',
  QUIT: '221 2.0.0 Bye',
};

/** A mail server that replies to each command as a test defines. With a certificate it supports STARTTLS. */
export class AnsweringServer {
  /** The received lines, without those of messages. */
  readonly commands: string[] = [];
  private inMessage = false;

  private constructor(
    private readonly answers: Answers,
    private readonly certificate: Certificate | undefined,
  ) {}

  static async start(answers: Answers, certificate?: Certificate): Promise<AnsweringServer & RawServer> {
    const answering = new AnsweringServer({ ...USUAL, ...answers }, certificate);
    const server = await RawServer.start((socket) => {
      answering.inMessage = false;
      answering.listen(socket);
      answering.answer('greeting', '', socket);
    });
    return Object.assign(server, { commands: answering.commands }) as AnsweringServer & RawServer;
  }

  private listen(socket: Socket): void {
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.read(line, socket);
    });
  }

  private read(line: string, socket: Socket): void {
    if (this.inMessage) {
      if (line !== '.') return;
      this.inMessage = false;
      this.answer('message', line, socket);
      return;
    }
    this.commands.push(line);
    const step = line.split(' ')[0]?.toUpperCase() ?? '';
    if (step === 'STARTTLS' && this.certificate !== undefined && this.answers[step] === undefined) {
      socket.write('220 2.0.0 Go on\r\n');
      socket.removeAllListeners('data');
      this.listen(new TLSSocket(socket, { isServer: true, ...this.certificate }));
      return;
    }
    this.answer(step, line, socket);
  }

  private answer(step: string, line: string, socket: Socket): void {
    const answer = this.answers[step] ?? '500 5.5.2 What?';
    const reply = typeof answer === 'string' ? answer : answer(line, socket);
    if (reply !== undefined) socket.write(`${reply}\r\n`);
    this.inMessage = reply?.startsWith('354') === true;
  }
}
