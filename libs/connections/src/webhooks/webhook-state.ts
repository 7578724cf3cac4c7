import type { WebhookReceiver } from '@score-crm/adapter-kit';
import { declaredFields } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '../adapters/adapter.registry.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import type { ConnectionWebhookRow } from '../persistence/schema/connection-webhook-row.ts';

/**
 * `unsupported`: the vendor has no webhooks. `unconfigured`: the connection has no secret to check them with. `waiting`: none
 * came yet. `receiving`: the last authenticated one was accepted. `failing`: the last authenticated one could not be read.
 * Requests that are not authenticated do not change the state: anyone can send them.
 */
export type WebhookState = 'unsupported' | 'unconfigured' | 'waiting' | 'receiving' | 'failing';

export const WEBHOOK_STATES = ['unsupported', 'unconfigured', 'waiting', 'receiving', 'failing'] as const;

/** What came in so far; all null where nothing did. */
export type WebhookStatus = Pick<
  ConnectionWebhookRow,
  'lastReceivedAt' | 'lastEventAt' | 'lastRejectedAt' | 'lastUnauthenticatedAt' | 'unauthenticatedReason'
>;

export function webhookState(
  row: ConnectionRow,
  registered: RegisteredAdapter | undefined,
  history: WebhookStatus | undefined,
): WebhookState {
  const receiver: WebhookReceiver | undefined = registered?.adapter.webhooks;
  if (registered === undefined || receiver === undefined) return 'unsupported';
  const proofs = declaredFields(registered.adapter.settings)
    .filter((field) => field.inboundOnly === true)
    .flatMap(({ name }) => row.secretInfo[name] ?? []);
  if (proofs.length === 0) return 'unconfigured';
  const rejected = history?.lastRejectedAt?.getTime() ?? 0;
  const received = history?.lastReceivedAt?.getTime() ?? 0;
  if (rejected > received) return 'failing';
  return received > 0 ? 'receiving' : 'waiting';
}
