import { Adapter, type AdapterError, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import type { ConformanceRule } from '@score-crm/adapter-kit/testing';
import type { Type } from '@nestjs/common';
import { ModelAdapter, SharedSecretModelAdapter } from '../model/model.adapter.ts';
import { type ModelSubject, SUBJECTS } from '../model/subjects.ts';

/** A planted fault of an adapter, and the rule that must detect it. */
export interface Fault {
  readonly rule: ConformanceRule;
  /** Completes the phrase “an adapter that …”. */
  readonly what: string;
  readonly subject: ModelSubject;
  /** Rules that necessarily detect it too. */
  readonly alongside?: readonly ConformanceRule[];
}

type Change = (adapter: ModelAdapter) => object;

/** The complete adapter with replaced members. */
export function faulty(change: Change): ModelSubject {
  return { ...SUBJECTS.signature, adapter: adapterWith(ModelAdapter, change) };
}

/** The same for the adapter whose vendor sends a password. */
export function faultySharedSecret(change: Change): ModelSubject {
  return { ...SUBJECTS['shared-secret'], adapter: adapterWith(SharedSecretModelAdapter, change) };
}

function adapterWith(base: Type<ModelAdapter>, change: Change): Type<ModelAdapter> {
  @Adapter({ vendor: 'model', displayName: 'Model Mail' })
  class FaultyAdapter extends base {
    constructor(http: HttpClient, endpoints: VendorEndpoints) {
      super(http, endpoints);
      Object.assign(this, change(this));
    }
  }
  return FaultyAdapter;
}

/** The webhooks of an adapter with replaced members. */
export function webhooksWith({ webhooks }: ModelAdapter, members: object): { readonly webhooks: object } {
  return { webhooks: Object.assign(webhooks, members) };
}

/** The registration of an adapter with replaced members. */
export function registrationWith({ webhooks }: ModelAdapter, members: object): object {
  return { webhooks: Object.assign(webhooks, { registration: Object.assign(webhooks.registration, members) }) };
}

/** A call whose failure is replaced. */
export async function failingAs<T>(call: Promise<T>, replace: (error: AdapterError) => unknown): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw replace(error as AdapterError);
  }
}
