// A mail server that accepts everything and keeps nothing: it counts the emails and checks that each is complete and has its own
// recipient. A request to its second port returns the counts and starts anew.
//
// Environment: SMTP_PORT, CONTROL_PORT
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { NUMBER_HEADER, recipientOf } from './email.ts';

/** What has arrived since the last request. */
export interface Counts {
  readonly emails: number;
  /** Emails with a number that another one had before. */
  readonly repeated: number;
  /** Emails without a number, with another recipient, or without their end. */
  readonly malformed: number;
  /** How many connections were opened. */
  readonly connections: number;
  /** How many were open at the same time. */
  readonly mostConnections: number;
}

const GREETING = '220 sink.example ESMTP\r\n';
// As Postfix.
const EHLO =
  '250-sink.example\r\n250-PIPELINING\r\n250-SIZE 31457280\r\n250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n';
const REPLIES: Readonly<Record<string, string>> = {
  EHLO,
  AUTH: '235 2.7.0 Authentication successful\r\n',
  MAIL: '250 2.1.0 Ok\r\n',
  RCPT: '250 2.1.5 Ok\r\n',
  DATA: '354 End data with <CR><LF>.<CR><LF>\r\n',
  RSET: '250 2.0.0 Ok\r\n',
  QUIT: '221 2.0.0 Bye\r\n',
};
const END = Buffer.from('\r\n.\r\n');
const NUMBER = new RegExp(String.raw`^${NUMBER_HEADER}: (\d+)\r$`, 'm');
/** Within these bytes is the head of every email. */
const HEAD_BYTES = 1_024;
/** The end of the last part of a multipart message. */
const LAST_BOUNDARY = '--';

let seen = new Set<number>();
let counts = noCounts();
let open = 0;

class Conversation {
  private rest: Buffer = Buffer.alloc(0);
  private isData = false;
  private recipient = '';
  private isOpen = true;

  constructor(private readonly socket: Socket) {
    counts.connections += 1;
    open += 1;
    counts.mostConnections = Math.max(counts.mostConnections, open);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.leave());
    socket.on('data', (chunk) => this.read(chunk));
    socket.write(GREETING);
  }

  private read(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let replies = '';
    for (;;) {
      const reply = this.isData ? this.readEmail() : this.readCommand();
      if (reply === undefined) break;
      replies += reply;
    }
    if (replies !== '') this.socket.write(replies);
    if (replies.endsWith(REPLIES['QUIT'] ?? '')) {
      // Now: the client may open the next connection before this one reports its end.
      this.leave();
      this.socket.end();
    }
  }

  private leave(): void {
    if (this.isOpen) open -= 1;
    this.isOpen = false;
  }

  private readCommand(): string | undefined {
    const end = this.rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.rest.toString('latin1', 0, end);
    this.rest = this.rest.subarray(end + 2);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') this.recipient = line.slice(line.indexOf('<') + 1, line.indexOf('>'));
    if (verb === 'DATA') this.isData = true;
    return REPLIES[verb] ?? '500 5.5.2 Unknown command\r\n';
  }

  private readEmail(): string | undefined {
    const end = this.rest.indexOf(END);
    if (end < 0) return undefined;
    count(this.rest.toString('latin1', 0, end), this.recipient);
    this.rest = this.rest.subarray(end + END.length);
    this.isData = false;
    return '250 2.0.0 Ok: queued\r\n';
  }
}

function count(email: string, recipient: string): void {
  counts.emails += 1;
  const number = Number(NUMBER.exec(email.slice(0, HEAD_BYTES))?.[1]);
  const isWhole = recipient === recipientOf(number) && email.endsWith(LAST_BOUNDARY);
  if (!isWhole) counts.malformed += 1;
  else if (seen.has(number)) counts.repeated += 1;
  else seen.add(number);
}

function noCounts(): { -readonly [name in keyof Counts]: number } {
  return { emails: 0, repeated: 0, malformed: 0, connections: 0, mostConnections: 0 };
}

createServer((socket) => new Conversation(socket)).listen(Number(process.env['SMTP_PORT']), '127.0.0.1');
createHttpServer((_request, response) => {
  response.end(JSON.stringify(counts));
  seen = new Set();
  counts = noCounts();
}).listen(Number(process.env['CONTROL_PORT']), '127.0.0.1');
