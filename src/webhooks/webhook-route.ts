import type { SamplePost } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** The public route of webhooks, for requests that this process makes to itself without a socket. */
@Injectable()
export class WebhookRoute {
  constructor(private readonly host: HttpAdapterHost) {}

  readonly post: SamplePost = async ({ vendor, connectionId }, { headers, query, body }) => {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const response = await fastify.inject({
      method: 'POST',
      url: `/webhooks/v2/${vendor}/${connectionId}`,
      query: query as Record<string, string>,
      headers: headers as Record<string, string>,
      payload: Buffer.from(body),
    });
    if (response.statusCode === 200) return { code: null, detail: null };
    const { code, detail } = response.json<{ readonly code: string; readonly detail: string }>();
    return { code, detail };
  };
}
