import { WebhookIngest } from '@score-crm/connections';
import { Controller, Get, HttpCode, Param, Post, Req, Res, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/requires.decorator.ts';
import { RawBody } from '../bodies/route-body.decorator.ts';
import { WebhookBodies } from './webhook-bodies.ts';
import { WebhookProbeResponse, WebhookReceiptResponse } from './webhook.dto.ts';
import { headersOf, WebhookPreflightGuard } from './webhook-preflight.guard.ts';

/** Receives the events that vendors post. A request authenticates itself, usually by a signature, instead of a token. */
@ApiTags('Webhooks')
@Public()
@Controller({ path: 'webhooks/v2/:vendor/:connectionId', version: VERSION_NEUTRAL })
export class WebhooksController {
  constructor(
    private readonly ingest: WebhookIngest,
    private readonly bodies: WebhookBodies,
  ) {}

  @Post()
  @HttpCode(200)
  @RawBody()
  @UseGuards(WebhookPreflightGuard)
  @ApiOperation({
    summary: 'Receive events from a vendor',
    description:
      'Vendors call this endpoint. The request authenticates itself by the signature or secret of its vendor, without a token. The service responds after it has stored the events.',
    operationId: 'receiveWebhook',
  })
  @ApiParam({ name: 'vendor', example: 'sendgrid' })
  @ApiParam({ name: 'connectionId', schema: { type: 'string', format: 'uuid' } })
  @ApiBody({ description: 'The events in the vendor’s own format.', schema: {} })
  @ApiOkResponse({ type: WebhookReceiptResponse, description: 'The events are stored.' })
  async receive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookReceiptResponse> {
    const { webhook } = request;
    if (webhook === undefined) throw new Error('A webhook reached its handler without a preflight.');
    const { bytes, authenticated } = await this.bodies.read(request, reply, webhook);
    const query = request.query as WebhookRequest['query'];
    return this.ingest.receive(webhook, { headers: headersOf(request.raw), query, body: bytes }, authenticated);
  }

  // Fastify serves HEAD by it too.
  @Get()
  @ApiOperation({
    summary: 'Check whether a webhook exists',
    description: 'Some vendors request the address before they accept it.',
    operationId: 'probeWebhook',
  })
  @ApiOkResponse({ type: WebhookProbeResponse })
  async probe(
    @Param('vendor') vendor: string,
    @Param('connectionId') connectionId: string,
  ): Promise<WebhookProbeResponse> {
    await this.ingest.find(vendor, connectionId);
    return { status: 'ok' };
  }
}
