import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConnectionsModule,
  ConsumerUnavailableError,
  type EventConsumer,
  EventConsumers,
  FEED_KINDS,
  type FeedEventOf,
  type FeedKind,
} from '@score-crm/connections';
import { Inject, Injectable, Logger, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';

interface BrokerSession {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
}

/** Events of one organization, vendor and kind. */
interface BrokerMessage {
  readonly routingKey: string;
  readonly events: readonly FeedEventOf<FeedKind>[];
}

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_S = 10;
/** How long RabbitMQ may take to confirm a batch. It confirms nothing while it has too little memory or disk. */
const CONFIRM_TIMEOUT_MS = 30_000;
const EVENTS_PER_BATCH = 500;
const EVENTS_PER_MESSAGE = 50;

/**
 * Publishes the feed to a topic exchange of RabbitMQ. A batch counts as published when RabbitMQ has confirmed all of its messages:
 * then they are in every queue that is bound to them, on disk if the queue is durable.
 */
@Injectable()
export class EventPublisher implements EventConsumer<FeedKind>, OnModuleInit, OnApplicationShutdown {
  readonly name = 'rabbitmq';
  readonly type = 'rabbitmq';
  /** Queues choose by their bindings. */
  readonly kinds = FEED_KINDS;
  readonly batchSize = EVENTS_PER_BATCH;
  private readonly logger = new Logger(EventPublisher.name);
  private readonly broker: Configuration['broker'];
  private session: Promise<BrokerSession> | undefined;

  constructor(
    @Inject(CONFIGURATION) { broker }: Configuration,
    private readonly consumers: EventConsumers,
  ) {
    this.broker = broker;
  }

  onModuleInit(): void {
    if (this.broker !== undefined) this.consumers.add(this);
  }

  async onApplicationShutdown(): Promise<void> {
    const session = await this.session?.catch(() => undefined);
    this.session = undefined;
    await session?.connection.close().catch(() => undefined);
  }

  /** @throws ConsumerUnavailableError: no event can be at fault */
  async handle(events: readonly FeedEventOf<FeedKind>[], signal: AbortSignal): Promise<void> {
    try {
      const { channel } = await (this.session ??= this.open());
      for (const message of messagesOf(events)) this.publish(channel, message);
      await withinTime(channel.waitForConfirms(), CONFIRM_TIMEOUT_MS, signal);
    } catch (error) {
      const { message } = error as Error;
      await this.drop();
      throw new ConsumerUnavailableError(`RabbitMQ is not available: ${message}`);
    }
  }

  private publish(channel: ConfirmChannel, { routingKey, events }: BrokerMessage): void {
    // As Nest's `Transport.RMQ` reads it: it matches `pattern`, not the routing key.
    const body = { pattern: routingKey, data: events };
    channel.publish(this.broker?.exchange ?? '', routingKey, Buffer.from(JSON.stringify(body)), {
      persistent: true,
      contentType: 'application/json',
      messageId: messageId(events),
      type: 'email.events',
      timestamp: Math.floor(Date.now() / 1_000),
    });
  }

  private async open(): Promise<BrokerSession> {
    if (this.broker === undefined) throw new Error('RabbitMQ is not configured.');
    const { exchange, ...location } = this.broker;
    const connection = await connect(
      { ...location, heartbeat: HEARTBEAT_S },
      { timeout: CONNECT_TIMEOUT_MS, clientProperties: { connection_name: 'score-connections' } },
    );
    // Without listeners, a lost connection would end the process. What waits for it fails with the same error.
    connection.on('error', () => undefined);
    connection.on('close', () => {
      this.session = undefined;
    });
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await channel.assertExchange(exchange, 'topic', { durable: true });
    this.logger.log(`Publishing events to the exchange ${exchange} of RabbitMQ.`);
    return { connection, channel };
  }

  /** Ends a session whose state is not known: confirmations that are still to come belong to other messages. */
  private async drop(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    const { connection } = (await session?.catch(() => undefined)) ?? {};
    // RabbitMQ may no longer respond.
    await Promise.race([connection?.close().catch(() => undefined), delay(1_000, undefined, { ref: false })]);
  }
}

/** In the order of the events within each organization, vendor and kind. */
function messagesOf(events: readonly FeedEventOf<FeedKind>[]): BrokerMessage[] {
  const messages: { routingKey: string; events: FeedEventOf<FeedKind>[] }[] = [];
  const open = new Map<string, FeedEventOf<FeedKind>[]>();
  for (const event of events) {
    const routingKey = [event.organization, event.vendor, event.kind].map(word).join('.');
    let group = open.get(routingKey);
    if (group === undefined || group.length === EVENTS_PER_MESSAGE) {
      group = [];
      open.set(routingKey, group);
      messages.push({ routingKey, events: group });
    }
    group.push(event);
  }
  return messages;
}

/** A word of a routing key. An organization may contain a dot, which separates words, or a wildcard. */
function word(text: string): string {
  return encodeURIComponent(text).replace(
    /[.*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same events have the same id when they are published again. */
function messageId(events: readonly FeedEventOf<FeedKind>[]): string {
  return hash('sha256', events.map(({ id }) => id).join(' ')).slice(0, 32);
}

async function withinTime(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  signal.addEventListener('abort', stop, { once: true });
  const late = delay(ms, undefined, { signal: ended.signal, ref: false }).then(
    () => Promise.reject(new Error(`It did not confirm within ${String(ms)} ms.`)),
    () => (signal.aborted ? Promise.reject(signal.reason as Error) : undefined),
  );
  try {
    await Promise.race([work, late]);
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
  }
}

@Module({ imports: [ConnectionsModule], providers: [EventPublisher] })
export class BrokerModule {}
