import { ConnectionsError } from '../errors/connections.error.ts';
import type { WebhookAttemptRow } from './webhook-attempts.repository.ts';
import type { EndpointState, EndpointStateReason, WebhookEndpointRow } from './webhook-endpoints.repository.ts';
import type { MessageState, MessageType, WebhookMessageRow } from './webhook-messages.repository.ts';
import { parseSortable } from './message-position.ts';
import { positionText } from '../feed/feed-position.ts';
import type { FeedKind } from '../feed/feed-kinds.ts';

/** An endpoint that receives the events of its organization. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** The kinds of its events; null for all. */
  readonly kinds: readonly FeedKind[] | null;
  readonly state: EndpointState;
  /** Why it is disabled: `user`, `gone` (it responded 410) or `failing`; null if it is enabled. */
  readonly stateReason: EndpointStateReason | null;
  readonly stateSince: Date;
  /** The first failed attempt since the last success; null if the last attempt succeeded. */
  readonly failingSince: Date | null;
  readonly lastSuccessAt: Date | null;
  /** Until when the previous secret signs, too; null if only the current one does. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

export interface NewWebhookEndpoint extends WebhookEndpoint {
  /** `whsec_` and base64. It is returned only once. */
  readonly secret: string;
}

/** A message for an endpoint. */
export interface WebhookMessage {
  /** The `webhook-id` of all attempts. */
  readonly id: string;
  readonly type: MessageType;
  readonly state: MessageState;
  /** How many events it has. */
  readonly events: number;
  /** The positions of its first and last event in the feed; null for a test. */
  readonly firstPosition: string | null;
  readonly lastPosition: string | null;
  readonly createdAt: Date;
  /** Null if no further attempt follows. */
  readonly nextAttemptAt: Date | null;
  /** When it was delivered or failed. */
  readonly endedAt: Date | null;
  /** The last 20 attempts, newest first. */
  readonly attempts: readonly WebhookAttempt[];
}

/** An attempt to deliver a message. */
export interface WebhookAttempt {
  readonly id: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** The HTTP status; null without a response. */
  readonly status: number | null;
  /** Why there is no response: a code of the adapter kit, or `events_deleted`. */
  readonly error: string | null;
  /** The first 1,024 characters of the response. */
  readonly response: string | null;
}

/** The organization has no endpoint with this id. */
export class WebhookEndpointNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Webhook endpoint not found. Check the ID.');
  }
}

/** The endpoint has no message with this id. */
export class WebhookMessageNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Message not found. Check the ID. Messages are deleted after 30 days.');
  }
}

/** The organization has the maximum number of endpoints. */
export class TooManyWebhookEndpointsError extends ConnectionsError {
  readonly code = 'too_many_webhook_endpoints';

  constructor(readonly limit: number) {
    super(`Your organization already has ${String(limit)} webhook endpoints, which is the maximum. Delete one first.`);
  }
}

/** The endpoint is disabled, so that nothing can be sent to it. */
export class WebhookEndpointDisabledError extends ConnectionsError {
  readonly code = 'webhook_endpoint_disabled';

  constructor() {
    super('The webhook endpoint is disabled. Enable it, then try again.');
  }
}

export function toEndpoint(row: WebhookEndpointRow, now: Date): WebhookEndpoint {
  const { id, url, description, kinds, state, stateReason, stateSince, failingSince, lastSuccessAt } = row;
  const { previousSecretUntil, createdAt, updatedAt, version } = row;
  const isOverlapping = previousSecretUntil !== null && previousSecretUntil > now;
  return {
    id,
    url,
    description,
    kinds,
    state,
    stateReason,
    stateSince,
    failingSince,
    lastSuccessAt,
    previousSecretUntil: isOverlapping ? previousSecretUntil : null,
    createdAt,
    updatedAt,
    version,
  };
}

export function toMessage(row: WebhookMessageRow, attempts: readonly WebhookAttemptRow[]): WebhookMessage {
  const { id, type, state, events, firstPosition, lastPosition, createdAt, nextAttemptAt, endedAt } = row;
  return {
    id,
    type,
    state,
    events,
    firstPosition: firstPosition === null ? null : positionText(parseSortable(firstPosition)),
    lastPosition: lastPosition === null ? null : positionText(parseSortable(lastPosition)),
    createdAt,
    nextAttemptAt: state === 'pending' ? nextAttemptAt : null,
    endedAt,
    attempts: attempts.map(({ id, startedAt, durationMs, status, error, response }) => {
      return { id, startedAt, durationMs, status, error, response };
    }),
  };
}
