import { type WebhookPreflight, WebhookTooLargeError } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget, UnauthenticatedBodies } from '../bodies/body-budgets.ts';
import { BodyTooLargeError } from '../bodies/body.errors.ts';
import { type BodyRoom, readBody } from '../bodies/read-body.ts';

/** The largest body of any vendor's webhook. Each adapter has its own limit within it. */
const WEBHOOK_BODY_LIMIT = 10 << 20;
/** For all webhooks that are being read or stored. One organization may use a quarter. */
const WEBHOOK_BYTES = 64 << 20;
const WEBHOOK_BYTES_PER_ORGANIZATION = 16 << 20;
/** The time in which the whole body must arrive. */
const DEADLINE_MS = 10_000;

export interface WebhookBody {
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

  /** @throws WebhookTooLargeError, or what `readBody` throws */
  async read({ unreadBody, ip }: FastifyRequest, reply: FastifyReply, webhook: WebhookPreflight): Promise<WebhookBody> {
    const { connection, receiver, isAuthenticated } = webhook;
    if (unreadBody === undefined) return { bytes: Buffer.alloc(0), authenticated: () => undefined };
    const limit = Math.min(receiver.bodyLimit, WEBHOOK_BODY_LIMIT);
    const incoming = { body: unreadBody, response: reply.raw, limit, deadlineMs: DEADLINE_MS };
    const ofOrganization = this.budget.open(connection.organization);
    let room = ofOrganization;
    const bytes = await readBody(incoming, (refuse) => {
      if (!isAuthenticated) room = this.unauthenticated.open(ip, refuse);
      return room;
    }).catch((error: unknown) => {
      throw error instanceof BodyTooLargeError ? new WebhookTooLargeError(limit) : error;
    });
    return { bytes, authenticated: () => move(bytes.length, room, ofOrganization, reply) };
  }
}

function move(bytes: number, from: BodyRoom, to: BodyRoom, { raw }: FastifyReply): void {
  // The memory of a response that is already closed would never be released.
  if (from === to || raw.destroyed) return;
  to.take(bytes);
  raw.once('close', () => to.release());
  from.release();
}
