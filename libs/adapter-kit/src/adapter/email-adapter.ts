import type { Type } from '@nestjs/common';
import type { Diagnosis, Probe } from '../diagnosis/diagnosis.ts';
import type { EmailMessage, SendResult } from '../messages/email-message.ts';
import type { FieldError } from '../settings/field-error.ts';
import type { SettingsPreset } from '../settings/settings-preset.ts';
import type { WebhookReceiver } from '../webhooks/webhook-receiver.ts';
import type { CallOptions } from './call-options.ts';
import type { AdapterCapabilities } from './capabilities.ts';

/**
 * One e-mail vendor. An adapter keeps no state of a connection: its settings come with each call. It never retries.
 *
 * @typeParam S the class that declares the vendor's fields with `@SettingsField`.
 */
export interface EmailAdapter<S extends object = object> {
  readonly settings: Type<S>;
  readonly capabilities: AdapterCapabilities;
  /** Settings of well-known accounts, to be filled into the form. */
  readonly presets?: readonly SettingsPreset[];
  /** Absent where the vendor has no webhooks. */
  readonly webhooks?: WebhookReceiver<S>;

  /**
   * What is wrong with settings that the class itself accepts, before anything is contacted: such as a host or a port that
   * the outbound policy refuses. Pointers are relative to the settings.
   */
  checkSettings?(settings: S): readonly FieldError[];

  /**
   * Tests the settings stage by stage and sends a message only if `probe.to` names recipients.
   * A failure is part of the answer, never an exception.
   */
  diagnose(settings: S, probe: Probe, options?: CallOptions): Promise<Diagnosis>;

  /**
   * Sends one message to all of its recipients.
   * @throws AdapterError if nobody was accepted. Where some were, the result names the others under `rejected`.
   */
  send(message: EmailMessage, settings: S, options?: CallOptions): Promise<SendResult>;

  /** Closes what is kept open (sockets, pools) under a caller's `CallOptions.poolKey`; without a key, everything. */
  release?(poolKey?: string): void | Promise<void>;
}
