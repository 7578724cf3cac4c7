import { Injectable } from '@nestjs/common';

/** What identifies an adapter; readable without an instance. */
export interface AdapterIdentity {
  /** The vendor's key in URLs and in the database: 2 to 32 lower-case letters and digits, e.g. `sendgrid`. */
  readonly vendor: string;
  readonly displayName: string;
  /** The vendor's own documentation. */
  readonly docsUrl?: string;
}

// Symbol.for: a second copy of this package must still see adapters that the first one declared.
const IDENTITY = Symbol.for('@score-crm/adapter-kit:identity');
const VENDOR_KEY = /^[a-z][a-z0-9]{1,31}$/;

/**
 * Marks a class as the adapter of a vendor and makes it injectable.
 * @throws TypeError at load time if the vendor's key is not a letter and 1 to 31 more letters or digits, all lower-case,
 *   or if the display name is empty.
 */
export function Adapter(identity: AdapterIdentity): ClassDecorator {
  const { vendor, displayName } = identity as Partial<AdapterIdentity>;
  if (typeof vendor !== 'string' || !VENDOR_KEY.test(vendor)) {
    throw new TypeError(
      `@Adapter: the vendor key ${JSON.stringify(vendor)} must be 2 to 32 lower-case letters and digits, a letter first.`,
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

/** The identity that `@Adapter` gave the class itself, or undefined for any other class, one that extends it included. */
export function adapterIdentity(target: object): AdapterIdentity | undefined {
  return Reflect.getOwnMetadata(IDENTITY, target) as AdapterIdentity | undefined;
}
