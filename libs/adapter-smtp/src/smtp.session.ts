import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  abortedError,
  createScrubber,
  type OutboundConnector,
  type SendResult,
  type Stage,
} from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import SMTPConnection, { type SentMessageInfo } from 'nodemailer/lib/smtp-connection';
import { connectionOptions, credentialsOf, openSocket, TIME_LIMITS } from './smtp.connection.ts';
import { connectionClosed, type ErrorContext, smtpError } from './smtp.errors.ts';
import { type ComposedMessage, sendResult } from './smtp.message.ts';
import { prepareConnection } from './smtp.nodemailer.ts';
import type { SmtpSettings } from './smtp.settings.ts';

/**
 * One conversation with a server, step by step: open, authenticate, deliver messages, close. A step that fails throws an
 * AdapterError. Once the conversation has ended, so do all later steps. An abort ends the step and the conversation;
 * `close` then destroys the socket.
 */
export class SmtpSession {
  /** How many messages it was given. */
  messages = 0;
  /** Called when the conversation ends, also between two steps. */
  onEnd: () => void = () => undefined;
  /** Whether the server ended the conversation before it got anything of the last message but its envelope. */
  endedUnsent = false;
  /** Whether the server refused the last message, and expects RSET before the next one. */
  needsReset = false;

  private stage: Stage = 'connect';
  /** Whether the content of the last message was sent, at least in part. */
  private hasBegun = false;
  private socket: Socket | undefined;
  private connection: SMTPConnection | undefined;
  private failure: unknown;
  private interrupt: (error: unknown) => void = () => undefined;
  private stopWatching: () => void = () => undefined;

  /** @param signal ends the conversation */
  constructor(
    private readonly connector: OutboundConnector,
    private readonly settings: SmtpSettings,
    private readonly signal?: AbortSignal,
  ) {}

  /** Connects, reads the greeting, sends EHLO and encrypts. */
  async open(): Promise<void> {
    const socket = await openSocket(this.connector, this.settings, this.signal);
    this.socket = socket;
    this.stopWatching = this.watch(this.signal);
    const connection = new SMTPConnection({ ...connectionOptions(this.settings), connection: socket });
    prepareConnection(connection, () => {
      this.hasBegun = true;
    });
    connection.on('error', (error) => this.fail(error));
    // After a 421, nodemailer first reports the end and then the reply.
    connection.on('end', () => setImmediate(() => this.fail(connectionClosed(this.currentStage()))));
    this.connection = connection;
    await this.step('connect', (done) => connection.connect(done));
  }

  /** Whether the open conversation is encrypted. */
  get encrypted(): boolean {
    return this.connection?.secure ?? false;
  }

  /** The version of TLS, e.g. `TLSv1.3`; undefined if the connection is not encrypted. */
  get protocol(): string | undefined {
    const { wire } = this;
    return wire instanceof TLSSocket ? (wire.getProtocol() ?? undefined) : undefined;
  }

  /** Whether the conversation can continue, as far as is known. */
  get isOpen(): boolean {
    return this.failure === undefined && this.connection?.destroyed === false && this.wire?.writable === true;
  }

  /** Logs in. If the server offers no login, this fails and sends no credentials. */
  async authenticate(): Promise<void> {
    const credentials = credentialsOf(this.settings);
    if (credentials === undefined) return;
    await this.step('authenticate', (done) => this.connection?.login({ ...credentials, credentials }, done));
  }

  /**
   * @param signal ends the conversation in the middle of the message
   * @throws AdapterError for failures of the whole message; refused recipients are in the result. At the stage `message`, the
   *   server may have accepted the message; at any other, nothing of its content was sent.
   */
  async deliver(message: ComposedMessage, signal?: AbortSignal): Promise<SendResult> {
    if (signal?.aborted === true) throw abortedError(signal);
    this.messages += 1;
    this.hasBegun = false;
    const stopWatching = this.watch(signal);
    try {
      const outcome = await this.step<SentMessageInfo | NodemailerError>('message', (done) => {
        this.connection?.send({ ...message.envelope }, message.raw, (error, info) => {
          if (error === null) return done(null, info);
          this.endedUnsent = !this.hasBegun && isEndedByServer(error);
          this.needsReset = isRefusal(error);
          // The refusal of all recipients is a result, that of the message an error after which the conversation continues.
          if (error.rejectedErrors !== undefined) done(null, error);
          else done(error);
        });
      });
      return sendResult(message, outcome, this.context());
    } finally {
      stopWatching();
    }
  }

  /** After a refused message, makes the conversation ready for the next one. */
  async reset(): Promise<void> {
    this.needsReset = false;
    await this.step('message', (done) => this.connection?.reset(done));
  }

  /** Sends QUIT and closes the socket, by force if the server is slow. */
  async close(): Promise<void> {
    this.stopWatching();
    const { socket, connection } = this;
    if (socket !== undefined && !socket.destroyed && this.failure === undefined && connection !== undefined) {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      connection.quit();
      const timer = setTimeout(() => socket.destroy(), TIME_LIMITS.quit);
      await closed;
      clearTimeout(timer);
    }
    connection?.close();
    socket?.destroy();
  }

  private async step<T>(stage: Stage, start: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
    this.stage = stage;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.interrupt = reject;
        if (this.failure !== undefined) reject(this.failure);
        else start((error, value) => (error ? reject(error) : resolve(value as T)));
      });
    } catch (error) {
      if (!this.needsReset) this.failure ??= error;
      throw smtpError(error, this.context());
    }
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.interrupt(error);
    this.onEnd();
  }

  /** @returns a function that stops it */
  private watch(signal: AbortSignal | undefined): () => void {
    if (signal === undefined) return () => undefined;
    const abort = (): void => this.fail(abortedError(signal, this.currentStage()));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  }

  private currentStage(): Stage {
    if (this.connection?.upgrading === true) return 'tls';
    return this.stage === 'message' && !this.hasBegun ? 'recipient' : this.stage;
  }

  private context(): ErrorContext {
    return {
      stage: this.currentStage(),
      implicitTls: this.connection?.secureConnection ?? false,
      // Created when there is something to scrub: most messages are accepted.
      scrub: (value) => createScrubber(this.settings.password === undefined ? [] : [this.settings.password])(value),
    };
  }

  private get wire(): Socket | undefined {
    // oxlint-disable-next-line no-underscore-dangle -- nodemailer's only way to the socket that STARTTLS made
    return this.connection?._socket || undefined;
  }
}

function isRefusal({ code, response = '' }: NodemailerError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && !isClosing(response);
}

function isEndedByServer({ code, response = '' }: NodemailerError): boolean {
  return code === 'ECONNECTION' || code === 'ESOCKET' || isClosing(response);
}

/** RFC 5321, 3.8: a server that replies with 421 closes the connection. */
function isClosing(response: string): boolean {
  return response.startsWith('421');
}
