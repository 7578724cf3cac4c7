import { Injectable } from '@nestjs/common';

/** What identifies an adapter; readable without an instance. */
export interface AdapterIdentity {
  /** The vendor's key in URLs and in the database: lower-case letters and digits, e.g. `sendgrid`. */
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
 * @throws TypeError at load time if the vendor's key is not 2 to 32 lower-case letters and digits.
 */
export function Adapter(identity: AdapterIdentity): ClassDecorator {
  if (!VENDOR_KEY.test(identity.vendor)) {
    throw new TypeError(
      `@Adapter: the vendor key ${JSON.stringify(identity.vendor)} must be 2 to 32 lower-case letters and digits.`,
    );
  }
  return (target) => {
    Injectable()(target);
    Reflect.defineMetadata(IDENTITY, identity, target);
  };
}

/** The identity that `@Adapter` gave the class, or undefined for any other class. */
export function adapterIdentity(target: object): AdapterIdentity | undefined {
  return Reflect.getMetadata(IDENTITY, target) as AdapterIdentity | undefined;
}
