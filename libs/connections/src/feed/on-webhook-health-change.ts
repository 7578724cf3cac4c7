import { WEBHOOK_HEALTH_CHANGED, type WebhookHealthEvent } from './feed-kinds.ts';
import { type Subscribe, Subscribed, type SubscriptionOptions } from './subscriptions.ts';

/**
 * Calls a method of a provider with the changes of the health of all webhooks, of all organizations, in their order and each at
 * least once, in one process at a time, as `OnEmailEvent` does with events of emails.
 * @example
 * ```ts
 * @OnWebhookHealthChange({ name: 'alerts' })
 * async alert(events: readonly WebhookHealthEvent[]): Promise<void> { … }
 * ```
 */
export function OnWebhookHealthChange(options: SubscriptionOptions = {}): Subscribe<WebhookHealthEvent> {
  return Subscribed({ ...options, kinds: [WEBHOOK_HEALTH_CHANGED] });
}
