import { describe, expect, it } from '@jest/globals';
import type { RegisteredAdapter } from '../src/adapters/adapter.registry.ts';
import type { SecretInfo } from '../src/connections/connection-row.ts';
import type { WebhookState } from '../src/connections/ports.ts';
import { type WebhookStatus, webhookState } from '../src/webhooks/webhook-status.service.ts';
import { HookAdapter } from './support/hook-vendor.ts';

const HOUR = 60 * 60 * 1000;
const REMOVED = Date.parse('2026-11-28T12:00:00.000Z');
const BEFORE = new Date(REMOVED - HOUR);
const AFTER = new Date(REMOVED + HOUR);
const NEXT_DAY = new Date(REMOVED + 25 * HOUR);

const NOTHING: WebhookStatus = {
  lastReceivedAt: null,
  lastEventAt: null,
  lastRejectedAt: null,
  lastUnauthenticatedAt: null,
  unauthenticatedReason: null,
  unauthenticatedCount: 0,
  vendorId: null,
  registeredAt: null,
  removedAt: null,
};
const registered = { adapter: new HookAdapter() } as unknown as RegisteredAdapter;
const secret = (updatedAt: Date): SecretInfo => ({ hint: null, updatedAt: updatedAt.toISOString() });
const GENERATED = { token: secret(BEFORE) };

function stateOf(status: Partial<WebhookStatus>, secrets: Record<string, SecretInfo>): WebhookState {
  return webhookState({ secretInfo: secrets }, registered, { ...NOTHING, ...status });
}

describe('the state of a webhook', () => {
  const removedAt = new Date(REMOVED);

  it.each<[string, WebhookState, Partial<WebhookStatus>, Record<string, SecretInfo>]>([
    ['with nothing but a generated secret', 'not_set_up', {}, GENERATED],
    ['without any secret', 'not_set_up', { lastReceivedAt: BEFORE }, {}],
    ['with a secret that a person entered', 'waiting', {}, { verificationKey: secret(BEFORE) }],
    ['registered, before the first request', 'waiting', { vendorId: 'e', registeredAt: BEFORE }, GENERATED],
    ['set up by hand, with a request', 'receiving', { lastReceivedAt: BEFORE }, GENERATED],
    ['with an unreadable last request', 'failing', { lastReceivedAt: BEFORE, lastRejectedAt: AFTER }, GENERATED],
    ['with only unauthenticated requests', 'not_set_up', { lastUnauthenticatedAt: AFTER }, GENERATED],
    ['removed after requests', 'not_set_up', { lastReceivedAt: BEFORE, lastRejectedAt: BEFORE, removedAt }, GENERATED],
    ['removed, with a request that was still queued', 'not_set_up', { lastReceivedAt: AFTER, removedAt }, GENERATED],
    [
      'removed, with a queued request that is unreadable',
      'not_set_up',
      { lastRejectedAt: AFTER, removedAt },
      GENERATED,
    ],
    ['removed, with a request a day later', 'receiving', { lastReceivedAt: NEXT_DAY, removedAt }, GENERATED],
    ['removed, with the secret from before', 'not_set_up', { removedAt }, { verificationKey: secret(BEFORE) }],
    ['removed, then a secret entered', 'waiting', { removedAt }, { verificationKey: secret(AFTER) }],
    [
      'removed, then set up by hand and receiving',
      'receiving',
      { removedAt, lastReceivedAt: NEXT_DAY },
      { verificationKey: secret(AFTER) },
    ],
    [
      'registered again after requests',
      'waiting',
      { vendorId: 'e', registeredAt: AFTER, lastReceivedAt: BEFORE, removedAt },
      GENERATED,
    ],
    [
      'registered again, with a new request',
      'receiving',
      { vendorId: 'e', registeredAt: removedAt, lastReceivedAt: AFTER, removedAt },
      GENERATED,
    ],
  ])('%s is %s', (_situation, expected, status, secrets) => {
    expect(stateOf(status, secrets)).toBe(expected);
  });

  it('is unsupported where the vendor has no webhooks', () => {
    expect(webhookState({ secretInfo: {} }, undefined, undefined)).toBe('unsupported');
  });
});
