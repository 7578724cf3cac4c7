import type { EventKind } from '../events/email-event.ts';
import type { WebhookAuthentication } from '../webhooks/webhook-receiver.ts';

/** What an adapter supports. Shown to users, and checked before a message is sent. */
export interface AdapterCapabilities {
  /** How the vendor's webhook requests are authenticated, or `none` if it has no webhooks. */
  readonly webhooks: 'none' | WebhookAuthentication;
  /** The kinds of events that its webhooks report, besides `unknown`. Empty if it has no webhooks. */
  readonly events: readonly EventKind[];
  /** Maximum number of recipients per message (to, cc and bcc together). Omitted if the vendor documents no limit. */
  readonly maxRecipients?: number;
  /** Maximum size of a message in bytes. Omitted if the vendor documents no limit. */
  readonly maxMessageBytes?: number;
  /** Whether messages can have attachments. */
  readonly attachments: boolean;
  /** Whether HTML can show attachments by their content ID. */
  readonly inlineImages: boolean;
  /** Whether messages can have custom headers. */
  readonly customHeaders: boolean;
  /** Whether messages can have tags that are returned in events. */
  readonly tags: boolean;
  /** Whether messages can have metadata that are returned in events. */
  readonly metadata: boolean;
  /** Whether messages can be scheduled with `sendAt`. */
  readonly scheduling: boolean;
}
