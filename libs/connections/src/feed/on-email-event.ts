import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import type { FeedEvent } from './feed-kinds.ts';
import { type Subscribe, Subscribed, type SubscriptionOptions } from './subscriptions.ts';

/**
 * Calls a method of a provider with the events of these kinds, of all organizations, in their order and each at least once, in
 * one process at a time. See `EventConsumer.handle` for what happens when it throws.
 * @example
 * ```ts
 * @OnEmailEvent(['bounced', 'complained'], { name: 'suppression' })
 * async suppress(events: readonly FeedEvent[]): Promise<void> { … }
 * ```
 * @param kinds a kind, or several; `'*'` for all
 */
export function OnEmailEvent(
  kinds: EventKind | readonly EventKind[] | '*',
  options: SubscriptionOptions = {},
): Subscribe<FeedEvent> {
  const list = kinds === '*' ? EVENT_KINDS : typeof kinds === 'string' ? [kinds] : kinds;
  return Subscribed({ ...options, kinds: list });
}
