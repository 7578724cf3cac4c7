import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { ConnectionRow } from '../connections/connection-row.ts';
import type { ConnectionAllowances } from '../connections/ports.ts';
import { type DailyAllowance, emailsPerDay, endOfDay } from '../connections/sending-limits.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { Clock } from '../options/clock.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import type { CountedWindow, SendingCounters } from '../options/sending-counters.ts';
import { MemoryCounters } from './memory-counters.ts';
import {
  LimitsUnavailableError,
  SendFailedError,
  type SendingLimit,
  SendingLimitExceededError,
} from './send-errors.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** When a place may be free again: nothing says when a call ends. */
const PLACE_RETRY_MS = SECOND_MS;
const PLACE_POLL_MS = 50;
const LONG_WAIT_MS = 5 * SECOND_MS;
/** How long a place outlives the time limit of its call, after which its process has died. */
const PLACE_GRACE_MS = 15 * SECOND_MS;

/** Has a message wait for the limits that soon allow more, instead of failing: all but the limit per day. */
export interface Patience {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called before a wait that others should not share. */
  readonly onLongWait?: () => void;
}

interface LimitedWindow extends CountedWindow {
  readonly name: Exclude<SendingLimit, 'concurrency'>;
}

type LimitedRow = Pick<ConnectionRow, 'id' | 'limits'>;

/** Enforces the limits of connections. One without limits costs nothing. */
@Injectable()
export class ConnectionLimits implements ConnectionAllowances {
  private readonly logger = new Logger(ConnectionLimits.name);
  private readonly counters: SendingCounters;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly clock: Clock,
  ) {
    this.counters = options.sendingCounters ?? new MemoryCounters();
  }

  /**
   * Counts emails, then sends them. If they were certainly not sent, they no longer count.
   * @param emails the number of recipients
   * @throws SendingLimitExceededError, LimitsUnavailableError, InvalidInputError for a message that exceeds a limit by itself
   */
  async within<T>(row: LimitedRow, emails: number, send: () => Promise<T>, patience?: Patience): Promise<T> {
    if (this.windowsOf(row).length === 0) return send();
    this.assertFits(row, emails);
    const windows = await this.count(row, emails, patience);
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof SendFailedError && error.mayBeSent)) await this.giveBack(windows, emails);
      throw error;
    }
  }

  /** Makes one call to the vendor, as one of those that may run at the same time. */
  async inPlace<T>(
    { id, limits }: LimitedRow,
    timeoutMs: number,
    call: () => Promise<T>,
    patience?: Patience,
  ): Promise<T> {
    if (limits?.concurrency === undefined) return call();
    const { concurrency } = limits;
    const [key, holder] = [`${id}:concurrency`, uuid()];
    for (;;) {
      const now = this.now();
      const expiresAt = now + timeoutMs + PLACE_GRACE_MS;
      if (await this.available(this.counters.acquire(key, holder, concurrency, expiresAt, now))) break;
      const error = new SendingLimitExceededError('concurrency', concurrency, PLACE_RETRY_MS);
      await this.waitOrThrow(error, PLACE_POLL_MS, patience);
    }
    try {
      return await call();
    } finally {
      // A place that cannot be released expires.
      await this.counters.release(key, holder).catch((error: unknown) => this.logger.warn(safeMessage(error)));
    }
  }

  /** Waits for a limit to allow more. @throws the error of the limit without patience, after its end, or if it is the limit of a day */
  async waitOrThrow(error: SendingLimitExceededError, ms: number, patience: Patience | undefined): Promise<void> {
    const mayWait = patience !== undefined && error.limit !== 'perDay';
    if (mayWait && ms > LONG_WAIT_MS) patience.onLongWait?.();
    if (!mayWait || !(await this.clock.wait(ms, patience.signal))) throw error;
  }

  async allowancesOf(rows: readonly LimitedRow[]): Promise<readonly (DailyAllowance | null)[]> {
    const now = this.clock.now();
    const days = rows.map((row) => this.windowsOf(row).find(({ name }) => name === 'perDay'));
    const keys = days.flatMap((day) => day?.key ?? []);
    if (keys.length === 0) return rows.map(() => null);
    const counts = await this.counters.counts(keys, now.getTime()).catch(() => undefined);
    return days.map((day) => {
      if (day === undefined) return null;
      const used = counts?.[keys.indexOf(day.key)] ?? null;
      return { emails: day.limit, used, resetsAt: new Date(day.endsAt) };
    });
  }

  /** @returns the windows that count the emails */
  private async count(
    row: LimitedRow,
    emails: number,
    patience: Patience | undefined,
  ): Promise<readonly CountedWindow[]> {
    for (;;) {
      const windows = this.windowsOf(row);
      const full = await this.available(this.counters.add(windows, emails, this.now()));
      if (full === undefined) return windows;
      const { name, limit, endsAt } = full as LimitedWindow;
      const error = new SendingLimitExceededError(name, limit, endsAt - this.now());
      await this.waitOrThrow(error, error.retryAfterMs, patience);
    }
  }

  /** The longest first: of several limits that are reached, its wait is reported. */
  private windowsOf({ id, limits }: LimitedRow): readonly LimitedWindow[] {
    if (limits === null) return [];
    const { perSecond, perMinute } = limits;
    const now = this.clock.now();
    const perDay = emailsPerDay(limits, now);
    const window = (name: LimitedWindow['name'], limit: number | undefined, endsAt: number): LimitedWindow[] =>
      limit === undefined ? [] : [{ name, limit, endsAt, key: `${id}:${name}:${String(endsAt)}` }];
    const endOf = (ms: number): number => (Math.floor(now.getTime() / ms) + 1) * ms;
    return [
      ...window('perDay', perDay, endOfDay(now).getTime()),
      ...window('perMinute', perMinute, endOf(MINUTE_MS)),
      ...window('perSecond', perSecond, endOf(SECOND_MS)),
    ];
  }

  /** Waiting would not help. */
  private assertFits({ limits }: LimitedRow, emails: number): void {
    const { perSecond = Infinity, perMinute = Infinity, perDay = Infinity } = limits ?? {};
    const most = Math.min(perSecond, perMinute, perDay);
    if (emails <= most) return;
    const message = `The message has ${String(emails)} recipients, and the limits of the connection allow at most ${String(most)} at a time. Send several messages.`;
    throw new InvalidInputError([{ pointer: '/to', code: 'too_many', message }]);
  }

  private async giveBack(windows: readonly CountedWindow[], emails: number): Promise<void> {
    try {
      await this.counters.subtract(windows, emails, this.now());
    } catch (error) {
      // They count as sent, so that no limit is exceeded.
      this.logger.warn(`${String(emails)} unsent emails could not be subtracted: ${safeMessage(error)}`);
    }
  }

  private async available<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      throw new LimitsUnavailableError(cause);
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
