import { Injectable, type Type } from '@nestjs/common';
import type { Diagnosis, Probe } from '../diagnosis/diagnosis.ts';
import type { EventKind } from '../events/email-event.ts';
import type { BatchResult, EmailMessage, SendResult } from '../messages/email-message.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';
import type { SettingsPreset } from '../settings/settings-field.decorator.ts';
import type { FieldError } from '../validation/fields.ts';
import type { WebhookAuthentication, WebhookReceiver } from '../webhooks/webhook-receiver.ts';

/** The identity of an adapter, readable without an instance. */
export interface AdapterIdentity {
  /**
   * The vendor's key in URLs and in the database: 2 to 32 lowercase letters and digits, starting with a letter, e.g.
   * `sendgrid`.
   */
  readonly vendor: string;
  readonly displayName: string;
  /** URL of the vendor's documentation (`https://`). */
  readonly docsUrl?: string;
  /** The vendor's page on which people verify sender addresses and domains. */
  readonly senderUrl?: string;
}

// Symbol.for: a second copy of this package must also see adapters that the first copy declared.
const IDENTITY = Symbol.for('@score-crm/adapter-kit:identity');
const VENDOR_KEY = /^[a-z][a-z0-9]{1,31}$/;

/**
 * Marks a class as the adapter of a vendor and makes it injectable.
 * @throws TypeError at load time if the vendor key is not a letter followed by 1 to 31 letters or digits, all
 *   lowercase, or if the display name is empty.
 */
export function Adapter(identity: AdapterIdentity): ClassDecorator {
  const { vendor, displayName } = identity as Partial<AdapterIdentity>;
  if (typeof vendor !== 'string' || !VENDOR_KEY.test(vendor)) {
    throw new TypeError(
      `@Adapter: the vendor key ${JSON.stringify(vendor)} must be 2 to 32 lowercase letters and digits, starting with a letter.`,
    );
  }
  if (typeof displayName !== 'string' || displayName.trim() === '') {
    throw new TypeError(`@Adapter: the vendor ${vendor} needs a display name.`);
  }
  return (target) => {
    Injectable()(target);
    Reflect.defineMetadata(IDENTITY, Object.freeze({ ...identity }), target);
  };
}

/** Returns the identity that `@Adapter` gave this class, or undefined for any other class, including its subclasses. */
export function adapterIdentity(target: object): AdapterIdentity | undefined {
  return Reflect.getOwnMetadata(IDENTITY, target) as AdapterIdentity | undefined;
}

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
  /** Maximum number of messages for one call of `sendBatch`. Omitted if the adapter has no such method. */
  readonly maxBatch?: number;
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

  /**
   * Sends several messages with fewer calls to the vendor than `send` would need. What each recipient receives, and what the
   * events of each message carry, is the same as with `send`. A message that is not valid or not accepted affects no other.
   * @param messages at most `capabilities.maxBatch`, all of one `batchKey`
   * @returns what became of each message, in their order. If a call failed, it is the result of each of its messages.
   */
  sendBatch?(messages: readonly EmailMessage[], settings: S, options?: CallOptions): Promise<readonly BatchResult[]>;

  /** Messages can be passed to `sendBatch` together if this is equal. Omitted if any messages can. */
  batchKey?(message: EmailMessage): string;

  /** Closes the sockets and pools opened under this `CallOptions.poolKey`, or all of them if no key is given. */
  release?(poolKey?: string): void | Promise<void>;
}
