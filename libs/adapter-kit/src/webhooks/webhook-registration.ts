import type { CallOptions } from '../adapter/call-options.ts';

/** Identifies the connection's entry at the vendor: its address or, after a registration, the vendor's id. */
export interface RegistrationTarget {
  /** The connection's webhook URL, without a query. The vendor gets `WebhookReceiver.address` of it. */
  readonly url: string;
  /** As `register` returned it. */
  readonly vendorId?: string;
}

export interface RegistrationStatus {
  /** `drifted`: the entry exists, but differs from what would be registered now. */
  readonly state: 'registered' | 'not_registered' | 'drifted';
  /** The differences, each as a sentence for users. */
  readonly drift?: readonly string[];
  /** The vendor's report of its own deliveries, if it has one: times in ISO 8601. */
  readonly lastDeliveredAt?: string;
  readonly lastFailedAt?: string;
}

export interface Registered<S extends object = object> {
  /** The vendor's id of the entry. */
  readonly vendorId: string;
  /** Settings that the vendor created, such as its verification key. */
  readonly settings?: Partial<S>;
}

/**
 * Creates, reads and removes the connection's entry at the vendor, and never changes any other. Secrets of the settings
 * are stored before `register` is called, because the vendor may post to the webhook before it responds.
 *
 * All methods reject with an AdapterError at the stage `webhook` (or an earlier one): `permission_denied` names the
 * permission that the key lacks, `webhook_conflict` names the address of another entry that is in the way, and
 * `webhook_unreachable` means that the vendor could not post to the address.
 */
export interface WebhookRegistration<S extends object = object> {
  /** Creates the entry, or updates the existing one. Calling it twice leaves one entry. */
  register(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<Registered<S>>;
  status(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<RegistrationStatus>;
  /** Removes the entry. Succeeds if it no longer exists. */
  unregister(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
  /**
   * Makes the vendor post a test event. Call it after storing what `register` returned. Omitted if the vendor has no
   * such call.
   */
  test?(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
}
