import type { SamplePost } from '@score-crm/connections';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** The pattern of the route that vendors post to. */
export const WEBHOOK_ROUTE = '/webhooks/v2/:vendor/:connectionId';

/** Posts to that route within this process, without a socket. */
export function postToWebhookRoute(host: HttpAdapterHost): SamplePost {
  return async ({ vendor, connectionId }, { headers, query, body }) => {
    const fastify = host.httpAdapter.getInstance<FastifyInstance>();
    const response = await fastify.inject({
      method: 'POST',
      url: WEBHOOK_ROUTE.replace(':vendor', vendor).replace(':connectionId', connectionId),
      query: query as Record<string, string>,
      headers: headers as Record<string, string>,
      payload: Buffer.from(body),
    });
    if (response.statusCode === 200) return { code: null, detail: null };
    const { code, detail } = response.json<{ readonly code: string; readonly detail: string }>();
    return { code, detail };
  };
}
