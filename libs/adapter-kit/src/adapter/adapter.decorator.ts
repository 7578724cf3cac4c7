import { Injectable } from '@nestjs/common';

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
