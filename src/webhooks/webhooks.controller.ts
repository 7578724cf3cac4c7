import { WebhookIngest } from '@score-crm/connections';
import { Controller, Get, HttpCode, Param, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPayloadTooLargeResponse,
  ApiRequestTimeoutResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { headersOf } from './preflight-webhooks.ts';
import { WebhookBodies } from './webhook-bodies.ts';
import { WebhookProbeResponse, WebhookReceiptResponse } from './webhook.dto.ts';
import { WEBHOOK_PATH } from './webhook-route.ts';

/** Where vendors post what became of the mail. Who posts is proven by the request itself, not by a token. */
@ApiTags('webhooks')
@Public()
@Controller({ path: WEBHOOK_PATH, version: VERSION_NEUTRAL })
export class WebhooksController {
  constructor(
    private readonly ingest: WebhookIngest,
    private readonly bodies: WebhookBodies,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Take in a vendor’s events', operationId: 'receiveWebhook' })
  @ApiParam({ name: 'vendor', example: 'sendgrid' })
  @ApiParam({ name: 'connectionId', schema: { type: 'string', format: 'uuid' } })
  @ApiBody({ description: 'As the vendor sends it.', schema: {} })
  @ApiOkResponse({ type: WebhookReceiptResponse, description: 'The events are stored for good.' })
  @ApiBadRequestResponse({ type: Problem, description: 'The proof is right, but the body is no batch of events.' })
  @ApiUnauthorizedResponse({ type: Problem, description: 'The proof is missing or wrong.' })
  @ApiNotFoundResponse({ type: Problem })
  @ApiPayloadTooLargeResponse({ type: Problem })
  @ApiRequestTimeoutResponse({ type: Problem, description: 'The body did not arrive within 10 seconds.' })
  @ApiTooManyRequestsResponse({ type: Problem, description: 'Too many unauthenticated bodies come from this address.' })
  @ApiUnsupportedMediaTypeResponse({ type: Problem, description: 'The body is compressed.' })
  @ApiServiceUnavailableResponse({ type: Problem })
  async receive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookReceiptResponse> {
    const { webhook } = request;
    if (webhook === undefined) throw new Error('A webhook reached its handler without having been admitted.');
    const { bytes, authenticated } = await this.bodies.read(request, reply, webhook);
    const query = request.query as WebhookRequest['query'];
    return this.ingest.receive(webhook, { headers: headersOf(request.raw), query, body: bytes }, authenticated);
  }

  // Fastify answers HEAD by it too.
  @Get()
  @ApiOperation({ summary: 'Whether there is a webhook at this address', operationId: 'probeWebhook' })
  @ApiOkResponse({ type: WebhookProbeResponse })
  @ApiNotFoundResponse({ type: Problem })
  async probe(
    @Param('vendor') vendor: string,
    @Param('connectionId') connectionId: string,
  ): Promise<WebhookProbeResponse> {
    await this.ingest.find(vendor, connectionId);
    return { status: 'ok' };
  }
}
