import type { IncomingMessage } from 'node:http';
import { type WebhookPreflight, WebhookIngest } from '@score-crm/connections';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { assertNotCompressed } from '../bodies/content-encoding.error.ts';

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
