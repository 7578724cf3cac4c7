import { callbackify } from 'node:util';
import {
  abortedError,
  AdapterError,
  createScrubber,
  type OutboundConnector,
  type SendResult,
} from '@score-crm/adapter-kit';
import { LRUCache } from 'lru-cache';
import { createTransport, type Transporter } from 'nodemailer';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPPoolOptions, SMTPPoolSentMessageInfo } from 'nodemailer/lib/smtp-pool';
import { connectionOptions, credentialsOf, encryptionOf, openSocket } from './smtp.connection.ts';
import { type ErrorContext, smtpError } from './smtp.errors.ts';
import { type ComposedMessage, sendResult } from './smtp.message.ts';
import { prepareConnection } from './smtp.nodemailer.ts';
import type { SmtpSettings } from './smtp.settings.ts';

const MAX_POOLS = 300;
const IDLE_POOL_MS = 5 * 60_000;

/** The pools by their caller's key. The least recently used ones are closed. */
export class TransportPools {
  private readonly pools = new LRUCache<string, PooledTransport>({
    max: MAX_POOLS,
    ttl: IDLE_POOL_MS,
    updateAgeOnGet: true,
    // Its timers do not keep the process alive.
    ttlAutopurge: true,
    dispose: (pool) => pool.delete(),
  });

  constructor(private readonly connector: OutboundConnector) {}

  /** Returns the pool of a key, and creates it from the settings if the key is new. */
  of(poolKey: string, settings: SmtpSettings): PooledTransport {
    const kept = this.pools.get(poolKey);
    if (kept !== undefined) return kept;
    const pool = new PooledTransport(this.connector, settings);
    this.pools.set(poolKey, pool);
    return pool;
  }

  close(poolKey?: string): void {
    if (poolKey === undefined) this.pools.clear();
    else this.pools.delete(poolKey);
  }
}

const MAX_CONNECTIONS = 5;
const IDLE_CONNECTION_MS = 60_000;

/** Members that nodemailer's types omit. */
interface PoolInternals {
  readonly _connections: readonly { readonly connection?: SMTPConnection | false }[];
}

/** Conversations with one server that are kept open between messages. */
class PooledTransport {
  private readonly transport: Transporter<SMTPPoolSentMessageInfo>;
  private readonly context: ErrorContext;
  private readonly prepared = new WeakSet<SMTPConnection>();
  private sending = 0;
  private deleted = false;

  constructor(connector: OutboundConnector, settings: SmtpSettings) {
    const auth = credentialsOf(settings);
    const options: SMTPPoolOptions & { pool: true } = {
      ...connectionOptions(settings),
      pool: true,
      maxConnections: MAX_CONNECTIONS,
      idleTimeout: IDLE_CONNECTION_MS,
      // Once, for a kept connection that the server has closed. Only messages of which nothing was sent are returned.
      maxRequeues: 1,
      // `forceAuth` applies even if EHLO offers no login: the login itself then fails before anything is sent.
      ...(auth === undefined ? {} : { auth, forceAuth: true }),
      disableFileAccess: true,
      disableUrlAccess: true,
      // The socket belongs to the pool: the signal of a single message must not close it while it is being opened.
      getSocket: (_options, callback) => {
        const connected = callbackify(async () => ({ connection: await openSocket(connector, settings) }));
        connected((error, socket) => {
          callback(error, socket);
          this.prepareConnections();
        });
      },
    };
    this.transport = createTransport(options);
    this.context = {
      // nodemailer's pool does not report where exactly it stopped; the last stage is the safe assumption.
      stage: 'message',
      implicitTls: encryptionOf(settings) === 'implicit',
      scrub: createScrubber(settings.password === undefined ? [] : [settings.password]),
    };
  }

  /** @throws AdapterError for failures of the whole message; refused recipients are in the result */
  async deliver(message: ComposedMessage, signal?: AbortSignal): Promise<SendResult> {
    this.sending += 1;
    try {
      const { raw, envelope } = message;
      const info = await this.transport.sendMail({
        raw,
        envelope: { ...envelope },
        ...(signal === undefined ? {} : { signal }),
      });
      return sendResult(message, info, this.context);
    } catch (error) {
      if (signal?.aborted === true) throw abortedError(signal, 'message');
      const failure = error as NodemailerError;
      if (!(error instanceof AdapterError) && failure.rejectedErrors !== undefined)
        return sendResult(message, failure, this.context);
      throw smtpError(error, this.context);
    } finally {
      this.sending -= 1;
      this.closeWhenDone();
    }
  }

  /** Closes the connections; those in use, after their message. */
  delete(): void {
    this.deleted = true;
    this.closeWhenDone();
  }

  // nodemailer's pool creates its connections itself, and no option or event exposes one.
  private prepareConnections(): void {
    const { _connections: resources } = this.transport.transporter as unknown as PoolInternals;
    for (const { connection } of resources) {
      if (connection === undefined || connection === false || this.prepared.has(connection)) continue;
      this.prepared.add(connection);
      prepareConnection(connection);
    }
  }

  // nodemailer's own `close` would fail the messages that wait for a free connection.
  private closeWhenDone(): void {
    if (this.deleted && this.sending === 0) this.transport.close();
  }
}
