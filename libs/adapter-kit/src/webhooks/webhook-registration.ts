import type { CallOptions } from '../adapter/call-options.ts';

/** What identifies our entry at the vendor: its address or, after a registration, the vendor's id of it. */
export interface RegistrationTarget {
  /** The connection's webhook URL, without a query; what the vendor is given is `WebhookReceiver.address` of it. */
  readonly url: string;
  /** As `register` returned it. */
  readonly vendorId?: string;
}

export interface RegistrationStatus {
  /** `drifted`: the entry is there, but differs from what would be registered now. */
  readonly state: 'registered' | 'not_registered' | 'drifted';
  /** What differs, each as a sentence for people. */
  readonly drift?: readonly string[];
  /** What the vendor says of its own deliveries, where it does: times in ISO 8601. */
  readonly lastDeliveredAt?: string;
  readonly lastFailedAt?: string;
}

export interface Registered<S extends object = object> {
  /** The vendor's id of our entry. */
  readonly vendorId: string;
  /** Settings that the vendor made for us, such as its verification key. */
  readonly settings?: Partial<S>;
}

/**
 * Creates, reads and removes our own entry at the vendor, and never touches another. Secrets that the settings hold are
 * stored before `register` is called: the vendor may post to the webhook before it answers.
 *
 * All reject with an AdapterError of the stage `webhook` (or of an earlier one): `permission_denied` names the permission
 * that the key lacks, `webhook_conflict` the address of somebody else that stands where ours would, `webhook_unreachable`
 * means that the vendor could not post to the address.
 */
export interface WebhookRegistration<S extends object = object> {
  /** Creates our entry, or brings the one that is there up to date. Calling it twice leaves one entry. */
  register(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<Registered<S>>;
  status(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<RegistrationStatus>;
  /** Removes our entry. One that is gone already is removed. */
  unregister(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
  /** Has the vendor post a test, once what `register` returned is stored. Absent where the vendor has no such call. */
  test?(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
}
