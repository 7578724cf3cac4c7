import { abortedError, type OutboundConnector, type SendResult } from '@score-crm/adapter-kit';
import { LRUCache } from 'lru-cache';
import { TIME_LIMITS } from './smtp.connection.ts';
import type { ComposedMessage } from './smtp.message.ts';
import { SmtpSession } from './smtp.session.ts';
import type { SmtpSettings } from './smtp.settings.ts';

const MAX_POOLS = 300;
const IDLE_POOL_MS = 5 * 60_000;

/** The pools by their caller's key. The least recently used ones are closed. */
export class SessionPools {
  private readonly pools = new LRUCache<string, SessionPool>({
    max: MAX_POOLS,
    ttl: IDLE_POOL_MS,
    updateAgeOnGet: true,
    // Its timers do not keep the process alive.
    ttlAutopurge: true,
    dispose: (pool) => pool.delete(),
  });

  constructor(private readonly connector: OutboundConnector) {}

  /** Returns the pool of a key, and creates it from the settings if the key is new. */
  of(poolKey: string, settings: SmtpSettings): SessionPool {
    const kept = this.pools.get(poolKey);
    if (kept !== undefined) return kept;
    const pool = new SessionPool(this.connector, settings);
    this.pools.set(poolKey, pool);
    return pool;
  }

  close(poolKey?: string): void {
    if (poolKey === undefined) this.pools.clear();
    else this.pools.delete(poolKey);
  }
}

/** Messages after which a conversation is closed: some servers limit them, and a new one may reach another address of the host. */
const MAX_MESSAGES = 100;

/** A message that waits for a conversation. */
interface Turn {
  /** Whether a conversation that had messages before does not count. */
  readonly needsNew: boolean;
  readonly resolve: (session: SmtpSession) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Conversations with one server that are kept open between messages, at most as many as the settings allow. Messages get one
 * in the order in which they came.
 */
class SessionPool {
  private readonly waiting: Turn[] = [];
  /** The last one was used last, so that those that are not needed become old. */
  private readonly idle: { readonly session: SmtpSession; readonly since: number }[] = [];
  private idleTimer: NodeJS.Timeout | undefined;
  /** All that have a socket. */
  private open = 0;
  /** Those that are being opened or reset, and can have a message soon. */
  private preparing = 0;
  /** Those that can have messages. */
  private working = 0;
  /** When it may be tried again to open one more than there are, on the clock of `performance.now()`. */
  private resumeAt = 0;
  private isDeleted = false;

  constructor(
    private readonly connector: OutboundConnector,
    private readonly settings: SmtpSettings,
  ) {}

  /**
   * @param signal never ends the conversation of another message
   * @throws AdapterError for failures of the whole message; refused recipients are in the result
   */
  async deliver(message: ComposedMessage, signal?: AbortSignal): Promise<SendResult> {
    for (let isRepeated = false; ; isRepeated = true) {
      const session = await this.acquire(signal, isRepeated);
      // The server may have ended a kept conversation, without a message or with a 421. A new one shows whether that was why.
      const mayRepeat = session.messages > 0;
      try {
        const result = await session.deliver(message, signal);
        if (!mayRepeat || !session.endedUnsent) return result;
      } catch (error) {
        if (!mayRepeat || !session.endedUnsent) throw error;
      } finally {
        void this.release(session);
      }
    }
  }

  /** Closes the conversations; those in use, when no message is waiting. */
  delete(): void {
    this.isDeleted = true;
    clearTimeout(this.idleTimer);
    for (const { session } of this.idle.splice(0)) void this.end(session);
  }

  private async acquire(signal: AbortSignal | undefined, needsNew: boolean): Promise<SmtpSession> {
    if (signal?.aborted === true) throw abortedError(signal);
    const kept = needsNew ? undefined : this.takeIdle();
    if (kept !== undefined) return kept;
    return new Promise((resolve, reject) => {
      const leave = (): void => signal?.removeEventListener('abort', abort);
      const turn: Turn = {
        needsNew,
        resolve: (session) => {
          leave();
          resolve(session);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(abortedError(signal as AbortSignal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      // It was its turn already.
      if (needsNew) this.waiting.unshift(turn);
      else this.waiting.push(turn);
      this.grow();
    });
  }

  private takeIdle(): SmtpSession | undefined {
    for (let kept = this.idle.pop(); kept !== undefined; kept = this.idle.pop()) {
      if (kept.session.isOpen) return kept.session;
      void this.end(kept.session);
    }
    return undefined;
  }

  /** Opens conversations while messages wait for them. */
  private grow(): void {
    while (
      this.preparing < this.waiting.length &&
      this.open < this.settings.maxConnections &&
      performance.now() >= this.resumeAt
    ) {
      void this.openOne();
    }
  }

  private async openOne(): Promise<void> {
    this.open += 1;
    this.preparing += 1;
    // Without a signal: it belongs to the pool, and not to the message that waits for it.
    const session = new SmtpSession(this.connector, this.settings);
    try {
      await session.open();
      await session.authenticate();
    } catch (error) {
      await session.close();
      this.open -= 1;
      this.preparing -= 1;
      this.failToOpen(error);
      return;
    }
    this.preparing -= 1;
    this.working += 1;
    session.onEnd = () => this.dropIdle(session);
    await this.release(session);
  }

  private failToOpen(error: unknown): void {
    // A server that limits the connections of an account refuses only one more. Messages wait for the others.
    if (this.working > 0 && this.waiting[0]?.needsNew !== true) {
      this.resumeAt = performance.now() + TIME_LIMITS.refused;
      return;
    }
    this.waiting.shift()?.reject(error);
    this.grow();
  }

  /** Gives a conversation to the next message, keeps it, or closes it. Never fails. */
  private async release(session: SmtpSession): Promise<void> {
    if (session.needsReset) {
      this.preparing += 1;
      await session.reset().catch(() => undefined);
      this.preparing -= 1;
    }
    if (!session.isOpen || session.messages >= MAX_MESSAGES) return this.end(session);
    const index = this.waiting.findIndex(({ needsNew }) => !needsNew || session.messages === 0);
    const [turn] = index < 0 ? [] : this.waiting.splice(index, 1);
    if (turn !== undefined) return turn.resolve(session);
    if (this.isDeleted) return this.end(session);
    this.idle.push({ session, since: performance.now() });
    this.idleTimer ??= this.endIdleIn(TIME_LIMITS.idle);
  }

  private async end(session: SmtpSession): Promise<void> {
    this.working -= 1;
    if (this.working === 0) this.resumeAt = 0;
    await session.close();
    this.open -= 1;
    this.grow();
  }

  private dropIdle(session: SmtpSession): void {
    const index = this.idle.findIndex((kept) => kept.session === session);
    if (index < 0) return;
    this.idle.splice(index, 1);
    void this.end(session);
  }

  private endIdleIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.idleTimer = undefined;
      const limit = performance.now() - TIME_LIMITS.idle;
      for (let first = this.idle[0]; first !== undefined; first = this.idle[0]) {
        if (first.since > limit) {
          this.idleTimer = this.endIdleIn(first.since - limit);
          return;
        }
        this.idle.shift();
        void this.end(first.session);
      }
    }, milliseconds).unref();
  }
}
