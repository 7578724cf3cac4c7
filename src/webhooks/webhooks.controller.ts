import type { IncomingMessage } from 'node:http';
import { WebhookIngest, type WebhookPreflight } from '@score-crm/connections';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  Param,
  Post,
  Req,
  Res,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assertNotCompressed } from '../bodies/body.errors.ts';
import { Public } from '../auth/principal.ts';
import { RawBody } from '../bodies/unread-bodies.ts';
import { WebhookBodies } from './webhook-bodies.ts';
import { WebhookProbeResponse, WebhookReceiptResponse } from './webhook.dto.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The result of `WebhookPreflightGuard`. */
    webhook?: WebhookPreflight;
  }
}

/** Makes all checks that need no body before the body is read. */
@Injectable()
export class WebhookPreflightGuard implements CanActivate {
  constructor(private readonly ingest: WebhookIngest) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    assertNotCompressed(request.headers);
    const { vendor = '', connectionId = '' } = request.params as { vendor?: string; connectionId?: string };
    const length = request.headers['content-length'];
    const head = { headers: headersOf(request.raw), query: request.query as WebhookRequest['query'] };
    request.webhook = await this.ingest.preflight(
      vendor,
      connectionId,
      head,
      length === undefined ? undefined : Number(length),
    );
    return true;
  }
}

/** The headers as they were sent. One that was sent twice is an array, so that no signature can hide behind another. */
export function headersOf(raw: IncomingMessage): WebhookRequest['headers'] {
  const entries = Object.entries(raw.headersDistinct).map(([name, values = []]) => {
    return [name, values.length === 1 ? values[0] : values] as const;
  });
  return Object.fromEntries(entries);
}

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
