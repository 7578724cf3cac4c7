import type { Type } from '@nestjs/common';
import type { Diagnosis, Probe } from '../diagnosis/diagnosis.ts';
import type { EventKind } from '../events/email-event.ts';
import type { EmailMessage, SendResult } from '../messages/email-message.ts';
import type { CallOptions } from '../outbound/call-options.ts';
import type { SettingsPreset } from '../settings/settings-field.decorator.ts';
import type { FieldError } from '../validation/field.ts';
import type { WebhookAuthentication, WebhookReceiver } from '../webhooks/webhook-receiver.ts';

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

/**
 * The contract that each vendor's adapter implements. An adapter holds no per-connection state: each call receives the
 * settings. It never retries.
 *
 * @typeParam S the class that declares the vendor's fields with `@SettingsField`
 */
export interface EmailAdapter<S extends object = object> {
  readonly settings: Type<S>;
  readonly capabilities: AdapterCapabilities;
  /** Settings of well-known services, offered to fill in the form. */
  readonly presets?: readonly SettingsPreset[];
  /** Omitted if the vendor has no webhooks. */
  readonly webhooks?: WebhookReceiver<S>;

  /**
   * Reports problems that the rules of the class cannot find, before any network access: for example, a host or port that
   * the outbound policy refuses. Fields that break a rule of the class are absent. Pointers are relative to the settings.
   */
  checkSettings?(settings: Partial<S>): readonly FieldError[];

  /**
   * Tests the settings stage by stage. Sends a message only if `probe.to` names recipients. Failures are returned in
   * the diagnosis, never thrown.
   */
  diagnose(settings: S, probe: Probe, options?: CallOptions): Promise<Diagnosis>;

  /**
   * Sends one message to all of its recipients.
   * @throws AdapterError if no recipient was accepted. If some were, the result lists the others under `rejected`.
   */
  send(message: EmailMessage, settings: S, options?: CallOptions): Promise<SendResult>;

  /** Closes the sockets and pools opened under this `CallOptions.poolKey`, or all of them if no key is given. */
  release?(poolKey?: string): void | Promise<void>;
}
