import type { IncomingMessage } from 'node:http';
import { type WebhookPreflight, WebhookIngest } from '@score-crm/connections';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { leaveUnread } from '../bodies/unread-bodies.ts';
import { sendProblem } from '../problems/problem.filter.ts';
import { ContentEncodingError } from './content-encoding.error.ts';
import { isWebhookRoute } from './webhook-route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that may be a vendor's: where it leads. */
    webhook?: WebhookPreflight;
  }
}

/** Lets only those webhooks in that are worth reading, before their bodies are read. */
export function preflightWebhooks(app: NestFastifyApplication, fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || !isWebhookRoute(request.routeOptions.url)) return undefined;
    try {
      request.webhook = await admit(request, app.get(WebhookIngest));
      // Whatever type the body claims to be, or none: to a parser its bytes would be lost.
      leaveUnread(request);
      return undefined;
    } catch (error) {
      sendProblem(error, request, reply);
      return reply;
    }
  });
}

async function admit(request: FastifyRequest, ingest: WebhookIngest): Promise<WebhookPreflight> {
  const encoding = request.headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'identity') throw new ContentEncodingError();
  const { vendor = '', connectionId = '' } = request.params as { vendor?: string; connectionId?: string };
  const length = request.headers['content-length'];
  const head = { headers: headersOf(request.raw), query: request.query as WebhookRequest['query'] };
  return ingest.admit(vendor, connectionId, head, length === undefined ? undefined : Number(length));
}

/** The headers as they came: one that came twice is an array, so that no proof can hide behind another. */
export function headersOf(raw: IncomingMessage): WebhookRequest['headers'] {
  const entries = Object.entries(raw.headersDistinct).map(([name, values = []]) => {
    return [name, values.length === 1 ? values[0] : values] as const;
  });
  return Object.fromEntries(entries);
}
