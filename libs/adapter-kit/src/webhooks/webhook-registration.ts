import type { CallOptions } from '../adapter/call-options.ts';

export interface RegistrationStatus {
  readonly state: 'registered' | 'not_registered' | 'drifted';
  /** The vendor's id of our entry. */
  readonly vendorId?: string;
  /** What differs at the vendor from what we would register. */
  readonly drift?: readonly string[];
}

export interface Registered<S extends object> {
  readonly vendorId: string;
  /** Settings that the vendor made for us, such as its verification key. */
  readonly settings?: Partial<S>;
}

/** Creates, reads and removes our own entry at the vendor, and never touches another. */
export interface WebhookRegistration<S extends object = object> {
  register(url: string, settings: S, options?: CallOptions): Promise<Registered<S>>;
  status(url: string, settings: S, options?: CallOptions): Promise<RegistrationStatus>;
  unregister(url: string, settings: S, options?: CallOptions): Promise<void>;
}
