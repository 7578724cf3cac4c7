// What an application with Nest does: the obvious way, and a careful one.
import 'reflect-metadata';
import { createPublicKey, createVerify } from 'node:crypto';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Module,
  Param,
  ParseIntPipe,
  Post,
  type RawBodyRequest,
  Req,
  UnauthorizedException,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { EventWebhook } from '@sendgrid/eventwebhook';
import type { FastifyRequest } from 'fastify';
import { Column, DataSource, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';
import { BODY_LIMIT, SIDE_ENVIRONMENT, SIGNATURE, TIMESTAMP, type VendorEvent } from './table.ts';

const { port, databaseUrl, webhookKey, variant } = SIDE_ENVIRONMENT;

@Controller('health/ready')
class HealthController {
  @Get()
  ready(): void {}
}

@Entity('events')
class EmailEvent {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string;

  @Column({ name: 'connection_id', type: 'int', unsigned: true })
  connectionId!: number;

  @Column({ name: 'event_id', type: 'varchar', length: 100 })
  eventId!: string;

  @Column({ type: 'varchar', length: 32 })
  kind!: string;

  @Column({ type: 'int', unsigned: true })
  time!: number;

  @Column({ type: 'varchar', length: 320 })
  recipient!: string;

  @Column({ name: 'message_id', type: 'varchar', length: 255 })
  messageId!: string;

  @Column({ type: 'mediumtext' })
  raw!: string;
}

/** The vendor's library for the signature, and one insert for each event. */
@Controller('webhooks')
class NaiveController {
  private readonly webhook = new EventWebhook();
  private readonly key = this.webhook.convertPublicKeyToECDSA(webhookKey);

  constructor(@InjectRepository(EmailEvent) private readonly events: Repository<EmailEvent>) {}

  @Post(':connection')
  @HttpCode(200)
  async receive(
    @Param('connection', ParseIntPipe) connectionId: number,
    @Req() { rawBody = Buffer.alloc(0) }: RawBodyRequest<FastifyRequest>,
    @Headers(SIGNATURE) signature: string,
    @Headers(TIMESTAMP) timestamp: string,
    @Body() events: VendorEvent[],
  ): Promise<void> {
    if (!this.webhook.verifySignature(this.key, rawBody, signature, timestamp)) throw new UnauthorizedException();
    for (const event of events) {
      await this.events.insert({
        connectionId,
        eventId: event.sg_event_id,
        kind: event.event,
        time: event.timestamp,
        recipient: event.email,
        messageId: event.sg_message_id,
        raw: JSON.stringify(event),
      });
    }
  }
}

const INSERT = 'INSERT IGNORE INTO events (connection_id, event_id, kind, time, recipient, message_id, raw) VALUES ?';

/** node:crypto for the signature, and one insert for each request, without the query builder. */
@Controller('webhooks')
class CarefulController {
  private readonly key = createPublicKey({ key: Buffer.from(webhookKey, 'base64'), format: 'der', type: 'spki' });

  constructor(private readonly database: DataSource) {}

  @Post(':connection')
  @HttpCode(200)
  async receive(
    @Param('connection', ParseIntPipe) connectionId: number,
    @Req() { rawBody = Buffer.alloc(0) }: RawBodyRequest<FastifyRequest>,
    @Headers(SIGNATURE) signature: string,
    @Headers(TIMESTAMP) timestamp: string,
    @Body() events: VendorEvent[],
  ): Promise<void> {
    const verify = createVerify('sha256').update(timestamp).update(rawBody);
    if (!verify.verify(this.key, signature, 'base64')) throw new UnauthorizedException();
    const rows = events.map((event) => {
      const { sg_event_id: id, event: kind, timestamp: time, email, sg_message_id: messageId } = event;
      return [connectionId, id, kind, time, email, messageId, JSON.stringify(event)];
    });
    await this.database.query(INSERT, [rows]);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'mysql', url: databaseUrl, entities: [EmailEvent], synchronize: false }),
    TypeOrmModule.forFeature([EmailEvent]),
  ],
  controllers: [HealthController, variant === 'naive' ? NaiveController : CarefulController],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter({ bodyLimit: BODY_LIMIT }), {
  rawBody: true,
  logger: false,
});
await app.listen(port, '127.0.0.1');
