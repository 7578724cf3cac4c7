import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';

const EXCHANGE = 'score-connections.events';
const QUEUE = 'delivered';

/** A message as a consumer of RabbitMQ received it. */
export interface BrokerMessage {
  readonly messageId: string;
  readonly ids: readonly string[];
}

/** A durable queue of RabbitMQ that gets all deliveries, which are the events of a WebhookLoad. */
export class BrokerQueue {
  readonly received: BrokerMessage[] = [];
  private connection: ChannelModel | undefined;

  constructor(private readonly url: string) {}

  /** Before the first event is published. */
  async declare(): Promise<void> {
    const connection = await connect(this.url);
    const channel = await connection.createChannel();
    await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
    await channel.assertQueue(QUEUE, { durable: true });
    await channel.bindQueue(QUEUE, EXCHANGE, '*.*.delivered');
    await connection.close();
  }

  /** How many messages wait for a consumer. */
  async waiting(): Promise<number> {
    const connection = await connect(this.url);
    const { messageCount } = await (await connection.createChannel()).checkQueue(QUEUE);
    await connection.close();
    return messageCount;
  }

  /** Receives messages in their order. */
  async consume(): Promise<void> {
    this.connection = await connect(this.url);
    const channel = await this.connection.createChannel();
    await channel.consume(QUEUE, (message) => {
      if (message === null) return;
      const { data } = JSON.parse(message.content.toString()) as { data: readonly { id: string }[] };
      this.received.push({ messageId: String(message.properties.messageId), ids: data.map(({ id }) => id) });
      channel.ack(message);
    });
  }

  /** Receives everything that waits. */
  async drain(): Promise<void> {
    await this.consume();
    // The queue counts a message until it is acknowledged.
    for (let before = -1; before !== this.received.length || (await this.waiting()) > 0;) {
      before = this.received.length;
      await delay(200);
    }
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }
}

/** The ids in the order in which they came first. */
export function inOrderOfArrival(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}
