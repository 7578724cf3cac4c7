import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';

/** How long a request may wait for Redis. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long the start waits for Redis before the service continues without it. */
const START_WAIT_MS = 2_000;
const MAX_RECONNECT_DELAY_MS = 5_000;
/** How long Redis is not used after a failure, so that not every request waits for it. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/** The connection to the Redis server that all instances share. No call waits for it longer than a second. */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  readonly client: Redis | undefined;
  private readonly logger = new Logger(RedisConnection.name);
  private pausedUntil = 0;
  private isFailing = false;

  constructor(@Inject(CONFIGURATION) { redis }: Configuration) {
    if (redis === undefined) return;
    const { tls, ...location } = redis;
    this.client = new Redis({
      ...location,
      ...(tls ? { tls: {} } : {}),
      lazyConnect: true,
      connectionName: 'score-connections',
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      // A command without a response may have been executed, and a second one would count twice.
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, MAX_RECONNECT_DELAY_MS),
    });
    // Without a listener, ioredis prints every failure.
    this.client.on('error', (error: Error) => this.failed(error));
    this.client.on('close', () => this.failed(new Error('the connection was closed')));
    this.client.on('ready', () => this.recovered());
  }

  async onModuleInit(): Promise<void> {
    if (this.client === undefined) return;
    // If it fails, the client keeps trying by itself.
    const connecting = this.client.connect().catch(() => undefined);
    const wait = new AbortController();
    await Promise.race([connecting, delay(START_WAIT_MS, undefined, { signal: wait.signal }).catch(() => undefined)]);
    wait.abort();
  }

  /**
   * The result of a call to Redis, or of `fallback` if Redis fails or failed within the last seconds.
   * @param call rejects with an `Error` only if Redis failed
   */
  async attempt<T>(call: () => Promise<T>, fallback: () => T): Promise<T> {
    if (this.client?.status !== 'ready' || Date.now() < this.pausedUntil) return fallback();
    try {
      const result = await call();
      this.recovered();
      return result;
    } catch (error) {
      this.pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS;
      this.failed(error as Error);
      return fallback();
    }
  }

  onApplicationShutdown(): void {
    // The end of the connection is not a failure to report.
    this.isFailing = true;
    this.client?.disconnect();
  }

  // Only the message: an error of ioredis also contains its command, and the command AUTH contains the password.
  private failed({ message }: Error): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.warn(
      `Redis is not available (${message}). Until it is, each instance counts rate limits by itself, and connections with sending limits do not send.`,
    );
  }

  private recovered(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.logger.log('Redis is available again.');
  }
}
