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
 * One conversation with a server, step by step: open, authenticate, deliver, close. A step that fails throws an
 * AdapterError, and so do all later ones. An abort ends the step; `close` then destroys the socket.
 */
export class SmtpSession {
  private stage: Stage = 'connect';
  private socket: Socket | undefined;
  private connection: SMTPConnection | undefined;
  private failure: unknown;
  private interrupt: (error: unknown) => void = () => undefined;
  private readonly onAbort = (): void => this.abort();

  constructor(
    private readonly connector: OutboundConnector,
    private readonly settings: SmtpSettings,
    private readonly signal?: AbortSignal,
  ) {}

  /** Connects, reads the greeting, sends EHLO and encrypts. */
  async open(): Promise<void> {
    const socket = await openSocket(this.connector, this.settings, this.signal);
    this.socket = socket;
    this.signal?.addEventListener('abort', this.onAbort, { once: true });
    if (this.signal?.aborted === true) this.abort();
    const connection = new SMTPConnection({ ...connectionOptions(this.settings), connection: socket });
    prepareConnection(connection);
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
    // oxlint-disable-next-line no-underscore-dangle -- nodemailer's only way to the socket that STARTTLS made
    const socket = this.connection?._socket;
    return socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined;
  }

  /** Logs in. If the server offers no login, this fails and sends no credentials. */
  async authenticate(): Promise<void> {
    const credentials = credentialsOf(this.settings);
    if (credentials === undefined) return;
    await this.step('authenticate', (done) => this.connection?.login({ ...credentials, credentials }, done));
  }

  /** @throws AdapterError for failures of the whole message; refused recipients are in the result */
  async deliver(message: ComposedMessage): Promise<SendResult> {
    const outcome = await this.step<SentMessageInfo | NodemailerError>('message', (done) => {
      this.connection?.send({ ...message.envelope }, message.raw, (error, info) => {
        if (error?.rejectedErrors === undefined) done(error, info);
        else done(null, error);
      });
    });
    return sendResult(message, outcome, this.context());
  }

  /** Sends QUIT and closes the socket, by force if the server is slow. */
  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.onAbort);
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
      this.failure ??= error;
      throw smtpError(error, this.context());
    }
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.interrupt(error);
  }

  private abort(): void {
    if (this.signal !== undefined) this.fail(abortedError(this.signal, this.currentStage()));
  }

  private currentStage(): Stage {
    return this.connection?.upgrading === true ? 'tls' : this.stage;
  }

  private context(): ErrorContext {
    return {
      stage: this.currentStage(),
      implicitTls: this.connection?.secureConnection ?? false,
      scrub: createScrubber(this.settings.password === undefined ? [] : [this.settings.password]),
    };
  }
}
