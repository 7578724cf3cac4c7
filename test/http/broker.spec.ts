import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConsumersService, type ConsumerState } from '@score-crm/connections';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { type ChannelModel, connect } from 'amqplib';
import { parseAmqpUrl } from '../../src/config/urls.ts';
import { createDatabase } from '../support/databases.ts';
import { findRabbitMq, type RabbitMqServer } from '../support/rabbitmq.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

interface Received {
  readonly pattern: string;
  readonly messageId: string;
  readonly events: readonly { readonly id: string; readonly recipient: string }[];
}

const received: Received[] = [];

@Controller()
class Suppression {
  @EventPattern('*.*.bounced')
  async onBounce(@Payload() events: Received['events'], @Ctx() context: any): Promise<void> {
    const message = context.getMessage() as { properties: { messageId: string } };
    received.push({ pattern: context.getPattern(), messageId: message.properties.messageId, events });
    (context.getChannelRef() as { ack(given: unknown): void }).ack(message);
  }
}

/** The exchange, queues and connections of this run only. */
const NAME = `score-test-${randomUUID()}`;

describe('events in RabbitMQ', () => {
  let rabbit: RabbitMqServer;
  let proxy: TcpProxy;
  let service: TestService;
  let hook: SendgridWebhook;
  let consumer: INestMicroservice;
  let admin: ChannelModel;
  let letter = 0;

  beforeAll(async () => {
    rabbit = await findRabbitMq();
    proxy = await TcpProxy.before('127.0.0.1', rabbit.port);
    const location = parseAmqpUrl(`amqp://guest:guest@127.0.0.1:${String(proxy.address.port)}`);
    const broker = { ...location, exchange: NAME };
    service = await TestService.start(await createDatabase('SQLite'), { broker });
    hook = await SendgridWebhook.create(service);
    admin = await connect(rabbit.url);
    const module = await Test.createTestingModule({ controllers: [Suppression] }).compile();
    consumer = module.createNestMicroservice<MicroserviceOptions>({
      transport: Transport.RMQ,
      options: {
        urls: [rabbit.url],
        queue: `${NAME}.bounces`,
        queueOptions: {
          durable: true,
          arguments: { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': `${NAME}.dead` },
        },
        exchange: NAME,
        exchangeType: 'topic',
        routingKey: '*.*.bounced',
        wildcards: true,
        noAck: false,
        prefetchCount: 10,
      },
    });
    await consumer.listen();
  });

  afterAll(async () => {
    await consumer.close();
    await service.stop();
    await service.database.drop();
    const channel = await admin.createChannel();
    await channel.deleteQueue(`${NAME}.bounces`);
    await channel.deleteExchange(NAME);
    await admin.close();
    await proxy.cut();
    await rabbit.stop();
  });

  async function post(count: number, event = 'bounce'): Promise<string[]> {
    const emails = Array.from({ length: count }, () => `${String(letter++)}@r.example`);
    expect((await hook.post(emails.map((email) => vendorEvent(event, { email })))).status).toBe(200);
    return emails;
  }

  const recipients = (): string[] => received.flatMap(({ events }) => events.map(({ recipient }) => recipient));

  async function state(): Promise<ConsumerState | undefined> {
    return (await service.app.get(ConsumersService).list()).find(({ name }) => name === 'rabbitmq');
  }

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isTrue())) await delay(20);
  }

  it('reach a Nest microservice in messages of one kind and up to 50 events', async () => {
    await post(2, 'delivered');
    const bounced = await post(120);
    await until(() => recipients().length >= 120);
    expect(recipients()).toEqual(bounced);
    expect(received.map(({ events }) => events.length)).toEqual([50, 50, 20]);
    expect(new Set(received.map(({ pattern }) => pattern))).toEqual(new Set(['default.sendgrid.bounced']));
    expect(received[0]?.events[0]).toMatchObject({
      vendor: 'sendgrid',
      connectionId: hook.id,
      organization: 'default',
    });
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(3);
  });

  it('are persistent, with a content type and an id', async () => {
    const channel = await admin.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, NAME, '#');
    await post(1, 'delivered');
    let message = await channel.get(queue);
    for (; message === false; message = await channel.get(queue)) await delay(20);
    expect(message.fields.routingKey).toBe('default.sendgrid.delivered');
    expect(message.properties).toMatchObject({
      deliveryMode: 2,
      contentType: 'application/json',
      messageId: expect.stringMatching(/^[\da-f]{32}$/),
    });
    await channel.close();
  });

  it('include changes of the health of webhooks, with a routing key of their own', async () => {
    const channel = await admin.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, NAME, '*.*.webhook_health_changed');
    const { body } = await service.call('GET', `/api/v1/connections/${hook.id}/webhook/health`);
    let message = await channel.get(queue);
    for (; message === false; message = await channel.get(queue)) await delay(20);
    const { pattern, data } = JSON.parse(message.content.toString());
    expect(pattern).toBe('default.sendgrid.webhook_health_changed');
    const health = { state: body.state, reason: body.reason, since: body.since };
    expect(data).toMatchObject([{ organization: 'default', connectionId: hook.id, health, previous: null }]);
    await channel.close();
  });

  it('wait while RabbitMQ is away, with a lag, and all arrive afterwards', async () => {
    const before = recipients().length;
    await proxy.cut();
    const missed = [...(await post(3)), ...(await post(2))];
    await until(async () => (await state())?.lastError?.startsWith('RabbitMQ is not available: ') === true);
    expect((await state())?.lag).toBeGreaterThanOrEqual(1);
    await proxy.resume();
    await until(() => recipients().length >= before + 5);
    // A message that was not confirmed is published again.
    expect([...new Set(recipients().slice(before))]).toEqual(missed);
    await until(async () => (await state())?.lag === 0);
    expect(await state()).toMatchObject({ type: 'rabbitmq', deadLetters: 0, failures: 0 });
  });
});
