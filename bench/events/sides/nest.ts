// What an application with Nest does. `careful`: the signature is verified natively, and a request is one insert.
import 'reflect-metadata';
import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
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
import { TypeOrmModule } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { BODY_LIMIT, SIDE_ENVIRONMENT, SIGNATURE, TIMESTAMP, type VendorEvent } from './table.ts';

const { port, databaseUrl, webhookKey } = SIDE_ENVIRONMENT;
const INSERT = 'INSERT IGNORE INTO events (connection_id, event_id, kind, time, recipient, message_id, raw) VALUES ?';

@Controller()
class CarefulController {
  private readonly key: KeyObject = createPublicKey({
    key: Buffer.from(webhookKey, 'base64'),
    format: 'der',
    type: 'spki',
  });

  constructor(private readonly database: DataSource) {}

  @Get('health/ready')
  ready(): void {}

  @Post('webhooks/:connection')
  @HttpCode(200)
  async receive(
    @Param('connection', ParseIntPipe) connection: number,
    @Req() { rawBody }: RawBodyRequest<FastifyRequest>,
    @Headers(SIGNATURE) signature: string,
    @Headers(TIMESTAMP) timestamp: string,
    @Body() events: VendorEvent[],
  ): Promise<void> {
    const body = rawBody ?? Buffer.alloc(0);
    if (!createVerify('sha256').update(timestamp).update(body).verify(this.key, signature, 'base64')) {
      throw new UnauthorizedException();
    }
    const rows = events.map((event) => [
      connection,
      event.sg_event_id,
      event.event,
      event.timestamp,
      event.email,
      event.sg_message_id,
      JSON.stringify(event),
    ]);
    await this.database.query(INSERT, [rows]);
  }
}

@Module({
  imports: [TypeOrmModule.forRoot({ type: 'mysql', url: databaseUrl, synchronize: false })],
  controllers: [CarefulController],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter({ bodyLimit: BODY_LIMIT }), {
  rawBody: true,
  logger: false,
});
await app.listen(port, '127.0.0.1');
