import type { WebhookReceiver } from '@score-crm/adapter-kit';
import { declaredFields } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '../adapters/adapter.registry.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import type { ConnectionWebhookRow } from '../persistence/schema/connection-webhook-row.ts';

/**
 * `unsupported`: the vendor has no webhooks. `not_set_up`: nothing indicates that the vendor has the webhook, or it was
 * removed through this service. `waiting`: set up, but no authenticated request yet. `receiving`: the last authenticated
 * request was accepted. `failing`: the last authenticated request could not be read.
 *
 * Requests that are not authenticated do not change the state: anyone can send them.
 */
export const WEBHOOK_STATES = ['unsupported', 'not_set_up', 'waiting', 'receiving', 'failing'] as const;

export type WebhookState = (typeof WEBHOOK_STATES)[number];

/** When requests arrived, and when the webhook was registered or removed; null for what did not happen. */
export type WebhookStatus = Pick<
  ConnectionWebhookRow,
  | 'lastReceivedAt'
  | 'lastEventAt'
  | 'lastRejectedAt'
  | 'lastUnauthenticatedAt'
  | 'unauthenticatedReason'
  | 'vendorId'
  | 'registeredAt'
  | 'removedAt'
>;

/**
 * For how long after a removal requests do not count: vendors deliver what they had queued, and the one that retries
 * longest (SendGrid) retries for 24 hours. Requests after that come from a webhook that was set up manually.
 */
const REMOVAL_GRACE_MS = 24 * 60 * 60 * 1000;

export function webhookState(
  row: Pick<ConnectionRow, 'secretInfo'>,
  registered: Pick<RegisteredAdapter, 'adapter'> | undefined,
  status: WebhookStatus | undefined,
): WebhookState {
  const receiver: WebhookReceiver | undefined = registered?.adapter.webhooks;
  if (registered === undefined || receiver === undefined) return 'unsupported';
  const fields = declaredFields(registered.adapter.settings).filter((field) => field.inboundOnly === true);
  if (!fields.some(({ name }) => row.secretInfo[name] !== undefined)) return 'not_set_up';

  const removedAt = timeOf(status?.removedAt);
  const isRegistered = (status?.vendorId ?? null) !== null;
  // A generated secret exists from the start; one that a person entered was copied from the vendor or to it.
  const enteredAt = fields
    .filter((field) => field.generated !== true)
    .map(({ name }) => Date.parse(row.secretInfo[name]?.updatedAt ?? ''))
    .find((time) => time > removedAt);
  const countedFrom =
    removedAt === 0 || isRegistered || enteredAt !== undefined ? removedAt : removedAt + REMOVAL_GRACE_MS;
  const receivedAt = timeOf(status?.lastReceivedAt);
  const rejectedAt = timeOf(status?.lastRejectedAt);
  if (Math.max(receivedAt, rejectedAt) > countedFrom) return rejectedAt > receivedAt ? 'failing' : 'receiving';
  return isRegistered || enteredAt !== undefined ? 'waiting' : 'not_set_up';
}

function timeOf(time: Date | null | undefined): number {
  return time?.getTime() ?? 0;
}
