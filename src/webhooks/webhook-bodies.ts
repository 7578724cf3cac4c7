import { Readable } from 'node:stream';
import { type Webhook, WebhookTooLargeError } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyReader } from '../bodies/body-reader.ts';
import { WEBHOOK_BODY_LIMIT } from './webhook-route.ts';

const LIMITS = { bytes: 64 << 20, bytesEach: 16 << 20 };

/** Reads the bodies of webhooks as the bytes that came: what proves them was made over these. */
@Injectable()
export class WebhookBodies {
  private readonly bodies = new BodyReader(LIMITS);

  /** @throws WebhookTooLargeError, OverloadedError, or BadRequestException if the body broke off */
  async read({ body }: FastifyRequest, reply: FastifyReply, { connection, receiver }: Webhook): Promise<Buffer> {
    if (!(body instanceof Readable)) return Buffer.alloc(0);
    const limit = Math.min(receiver.bodyLimit, WEBHOOK_BODY_LIMIT);
    const bytes = await this.bodies.read({ body, response: reply.raw, owner: connection.id, limit });
    if (bytes === undefined) throw new WebhookTooLargeError(limit);
    return bytes;
  }
}
