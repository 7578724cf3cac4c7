import type { EventKind } from '../events/email-event.ts';
import type { WebhookAuthentication } from '../webhooks/webhook-receiver.ts';

/** What a vendor can do, as data: shown to people, and asked before a message is handed over. */
export interface AdapterCapabilities {
  /** How the vendor proves the origin of its webhooks, or `none` where it has no webhooks. */
  readonly webhooks: 'none' | WebhookAuthentication;
  /** What its webhooks report, beside `unknown`, which each may; empty where it has no webhooks. */
  readonly events: readonly EventKind[];
  /** The most recipients (to, cc and bcc together) of one message; undefined where the vendor states no limit. */
  readonly maxRecipients?: number;
  /** The most bytes of one message; undefined where the vendor states no limit. */
  readonly maxMessageBytes?: number;
  readonly attachments: boolean;
  readonly inlineImages: boolean;
  readonly customHeaders: boolean;
  readonly tags: boolean;
  readonly metadata: boolean;
  readonly scheduling: boolean;
}
