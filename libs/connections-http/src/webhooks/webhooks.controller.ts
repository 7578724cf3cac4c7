import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebhookIngest, type WebhookPreflight, WebhookTooLargeError } from '@score-crm/connections';
import type { WebhookHead } from '@score-crm/adapter-kit';
import {
  Controller,
  Get,
  HttpCode,
  Injectable,
  Param,
  Post,
  Req,
  Res,
  UseFilters,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Public } from '../callers/caller.ts';
import { type HttpRequest, type HttpResponse, incomingOf, outgoingOf } from '../http/messages.ts';
import { BodyBudget, type BodyRoom, readBody, UnauthenticatedBodies } from '../bodies/read-body.ts';
import { BodyTooLargeError } from '../bodies/body.errors.ts';
import { assertNotCompressed, hasBody, receivedBody } from '../bodies/received-body.ts';
import { RunningRequests } from '../routes/running-requests.ts';
import { ProblemFilter } from '../problems/problem.filter.ts';
import { WebhookProbeResponse, WebhookReceiptResponse } from './webhook.dto.ts';

/** The largest body of any vendor's webhook. Each adapter has its own limit within it. */
const WEBHOOK_BODY_LIMIT = 10 << 20;
/** For all webhooks that are being read or stored. One organization may use a quarter. */
const WEBHOOK_BYTES = 64 << 20;
const WEBHOOK_BYTES_PER_ORGANIZATION = 16 << 20;
/** The time in which the whole body must arrive. */
const DEADLINE_MS = 10_000;

interface WebhookBody {
  readonly bytes: Buffer;
  /**
   * Call this after the webhook was authenticated. From then on it counts against its organization's memory.
   * @throws OverloadedError
   */
  readonly authenticated: () => void;
}

/** Reads webhook bodies as raw bytes, which signatures cover. */
@Injectable()
export class WebhookBodies {
  private readonly budget = new BodyBudget({ bytes: WEBHOOK_BYTES, bytesEach: WEBHOOK_BYTES_PER_ORGANIZATION });

  constructor(private readonly unauthenticated: UnauthenticatedBodies) {}

  /** @throws WebhookTooLargeError, or what `receivedBody` and `readBody` throw */
  async read(request: HttpRequest, response: HttpResponse, webhook: WebhookPreflight): Promise<WebhookBody> {
    const { connection, receiver, isAuthenticated } = webhook;
    const limit = Math.min(receiver.bodyLimit, WEBHOOK_BODY_LIMIT);
    const body = hasBody(request) ? receivedBody(request) : Buffer.alloc(0);
    if (Buffer.isBuffer(body)) {
      if (body.length > limit) throw new WebhookTooLargeError(limit);
      return { bytes: body, authenticated: () => undefined };
    }
    const outgoing = outgoingOf(response);
    const incoming = { body, response: outgoing, limit, deadlineMs: DEADLINE_MS };
    const ofOrganization = this.budget.open(connection.organization);
    let room = ofOrganization;
    const bytes = await readBody(incoming, (refuse) => {
      if (!isAuthenticated) room = this.unauthenticated.open(request.ip ?? '', refuse);
      return room;
    }).catch((error: unknown) => {
      throw error instanceof BodyTooLargeError ? new WebhookTooLargeError(limit) : error;
    });
    return { bytes, authenticated: () => move(bytes.length, room, ofOrganization, outgoing) };
  }
}

function move(bytes: number, from: BodyRoom, to: BodyRoom, outgoing: ServerResponse): void {
  // The memory of a response that is already closed would never be released.
  if (from === to || outgoing.destroyed) return;
  to.take(bytes);
  outgoing.once('close', () => to.release());
  from.release();
}

/** The headers as they were sent. One that was sent twice is an array, so that no signature can hide behind another. */
export function headersOf({ rawHeaders }: IncomingMessage): WebhookHead['headers'] {
  // Without a prototype: a header may have any name.
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** Receives the events that vendors post. A request authenticates itself, usually by a signature, instead of a token. */
@ApiTags('Webhooks')
@Public()
@UseFilters(ProblemFilter)
@Controller({ path: 'webhooks/v2/:vendor/:connectionId', version: VERSION_NEUTRAL })
export class WebhooksController {
  constructor(
    private readonly ingest: WebhookIngest,
    private readonly bodies: WebhookBodies,
    private readonly running: RunningRequests,
  ) {}

  @Post()
  @HttpCode(200)
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
  // The service calls it without Nest's pipeline, so it makes all checks itself.
  async receive(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<WebhookReceiptResponse> {
    return this.running.track(this.store(request, response), request, response);
  }

  private async store(request: HttpRequest, response: HttpResponse): Promise<WebhookReceiptResponse> {
    assertNotCompressed(request);
    const { vendor, connectionId } = request.params as { vendor: string; connectionId: string };
    const { 'content-length': length } = request.headers;
    const head = { headers: headersOf(incomingOf(request)), query: request.query as WebhookHead['query'] };
    const contentLength = length === undefined ? undefined : Number(length);
    const webhook = await this.ingest.preflight(vendor, connectionId, head, contentLength);
    const { bytes, authenticated } = await this.bodies.read(request, response, webhook);
    return this.ingest.receive(webhook, { ...head, body: bytes }, authenticated);
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
