import type { IncomingMessage } from 'node:http';
import { type Webhook, WebhookReception } from '@score-crm/connections';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget } from '../bodies/body-budget.ts';
import { OverloadedError } from '../bodies/overloaded.error.ts';
import { sendProblem } from '../problems/problem.filter.ts';
import { ContentEncodingError } from './content-encoding.error.ts';
import { isWebhookRoute, WEBHOOK_BODY_LIMIT } from './webhook-route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that may be a vendor's: where it leads. */
    webhook?: Webhook;
  }
}

const RAW = 'application/octet-stream';
const BYTES_IN_FLIGHT = 64 << 20;

/** Sets up how webhooks are read: as the bytes that came, and only after all was checked that needs no body. */
export function receiveWebhooks(app: NestFastifyApplication, fastify: FastifyInstance): void {
  const budget = new BodyBudget(BYTES_IN_FLIGHT);

  fastify.addHook('onRoute', (route) => {
    if (isWebhookRoute(route.url)) route.bodyLimit = WEBHOOK_BODY_LIMIT;
  });
  fastify.addContentTypeParser(RAW, { parseAs: 'buffer' }, (request, body, done) => {
    if (isWebhookRoute(request.routeOptions.url)) done(null, body);
    else done(Object.assign(new Error('Send the body as application/json.'), { statusCode: 415 }));
  });
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || !isWebhookRoute(request.routeOptions.url)) return undefined;
    try {
      await admit(request, reply, app.get(WebhookReception), budget);
      // Whatever type the body claims to be, or none: to another parser its bytes would be lost.
      request.headers['content-type'] = RAW;
      return undefined;
    } catch (error) {
      sendProblem(error, request, reply);
      return reply;
    }
  });
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  reception: WebhookReception,
  budget: BodyBudget,
): Promise<void> {
  const encoding = request.headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'identity') throw new ContentEncodingError();
  const { vendor = '', connectionId = '' } = request.params as { vendor?: string; connectionId?: string };
  const declared = request.headers['content-length'];
  const length = declared === undefined ? undefined : Number(declared);
  const head = { headers: headersOf(request.raw), query: request.query as WebhookRequest['query'] };
  request.webhook = await reception.admit(vendor, connectionId, head, length);
  const giveBack = budget.take(length ?? Math.min(request.webhook.receiver.bodyLimit, WEBHOOK_BODY_LIMIT));
  if (giveBack === undefined) throw new OverloadedError();
  // Also when the sender hangs up in the middle.
  reply.raw.once('close', giveBack);
}

/** The headers as they came: one that came twice is an array, so that no proof can hide behind another. */
export function headersOf(raw: IncomingMessage): WebhookRequest['headers'] {
  const entries = Object.entries(raw.headersDistinct).map(([name, values = []]) => {
    return [name, values.length === 1 ? values[0] : values] as const;
  });
  return Object.fromEntries(entries);
}
