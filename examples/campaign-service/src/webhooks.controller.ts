import { WebhookIngest } from '@score-crm/connections';
import { Controller, Get, HttpCode, Param, Post, type RawBodyRequest, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Receives the events that vendors post. */
@Controller('webhooks/v2/:vendor/:connectionId')
export class WebhooksController {
  constructor(private readonly ingest: WebhookIngest) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Param('vendor') vendor: string,
    @Param('connectionId') connectionId: string,
    @Req() { headers, query, rawBody = Buffer.alloc(0) }: RawBodyRequest<FastifyRequest>,
  ): Promise<object> {
    const head = { headers, query: query as Record<string, string> };
    const webhook = await this.ingest.preflight(vendor, connectionId, head, rawBody.length);
    return this.ingest.receive(webhook, { ...head, body: rawBody });
  }

  /** Some vendors request the URL before they accept it. */
  @Get()
  async probe(@Param('vendor') vendor: string, @Param('connectionId') connectionId: string): Promise<object> {
    await this.ingest.find(vendor, connectionId);
    return { status: 'ok' };
  }
}
