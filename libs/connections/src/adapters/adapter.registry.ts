import {
  type AdapterErrorDetails,
  type AdapterIdentity,
  adapterIdentity,
  declaredFields,
  type EmailAdapter,
  type Scrubber,
  type Stage,
} from '@score-crm/adapter-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { ConnectionsError } from '../errors/connections.error.ts';
import { inSpan, SpanKind } from '../telemetry/tracing.ts';

/** The application has no adapter for this vendor. */
export class UnknownVendorError extends ConnectionsError {
  readonly code = 'not_found';

  constructor(readonly vendors: readonly string[]) {
    super(`Unknown vendor. Use one of: ${vendors.join(', ')}.`);
  }
}

export interface RegisteredAdapter {
  readonly identity: AdapterIdentity;
  readonly adapter: EmailAdapter;
}

/** The adapters of the application: the providers of all modules whose class has the decorator `@Adapter`. */
@Injectable()
export class AdapterRegistry implements OnModuleInit {
  // A Map, not an object: `constructor` and `__proto__` are not vendors.
  private readonly byVendor = new Map<string, RegisteredAdapter>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws Error, which ends the start, if two adapters have the same vendor key or one declares no fields */
  onModuleInit(): void {
    for (const { metatype, instance } of this.discovery.getProviders()) {
      // For a provider with a factory or value, only the instance shows the class.
      const identity = identityOf(metatype) ?? identityOf((instance as object | null | undefined)?.constructor);
      if (identity !== undefined) this.register(identity, instance as EmailAdapter);
    }
  }

  /** @throws UnknownVendorError */
  get(vendor: string): RegisteredAdapter {
    const found = this.byVendor.get(vendor);
    if (found === undefined) throw new UnknownVendorError(this.vendors);
    return found;
  }

  find(vendor: string): RegisteredAdapter | undefined {
    return this.byVendor.get(vendor);
  }

  all(): RegisteredAdapter[] {
    return this.vendors.map((vendor) => this.get(vendor));
  }

  /** The vendors' keys in alphabetical order. */
  get vendors(): string[] {
    return [...this.byVendor.keys()].sort();
  }

  private register(identity: AdapterIdentity, adapter: EmailAdapter): void {
    const other = this.byVendor.get(identity.vendor)?.adapter;
    if (other === adapter) return;
    if (other !== undefined) {
      throw new Error(
        `Two adapters claim the vendor "${identity.vendor}": ${other.constructor.name} and ${adapter.constructor.name}. Register only one.`,
      );
    }
    // A provider that is not a singleton has only an empty instance here.
    const settings = adapter.settings as EmailAdapter['settings'] | undefined;
    if (typeof settings !== 'function' || declaredFields(settings).length === 0) {
      throw new Error(
        `The adapter ${adapter.constructor.name} declares no settings: its member "settings" must be a class with @SettingsField members, and the adapter a singleton.`,
      );
    }
    this.byVendor.set(identity.vendor, { identity, adapter });
  }
}

function identityOf(target: unknown): AdapterIdentity | undefined {
  return typeof target === 'function' ? adapterIdentity(target) : undefined;
}

/** The time after its signal in which an adapter must end, unless it may clean up first. */
const GRACE_MS = 500;

/**
 * Calls an adapter with a time limit.
 * @throws Error if the adapter continues after its signal; otherwise the error of the call
 */
export async function withTimeout<T>(
  vendor: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  graceMs = GRACE_MS,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Not AbortSignal.timeout, whose timers stay until their time is over.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      controller.abort(new DOMException('The time limit is over.', 'TimeoutError'));
      timer = setTimeout(() => reject(new Error(`The adapter of ${vendor} did not obey its signal.`)), graceMs);
    }, timeoutMs);
  });
  try {
    const span = { kind: SpanKind.CLIENT, attributes: { 'score.vendor': vendor } };
    return await inSpan('vendor call', span, async () => Promise.race([call(controller.signal), late]));
  } finally {
    clearTimeout(timer);
  }
}

/** The details of an AdapterError; undefined for any other error, which breaks the adapter's contract. */
export function reportedDetails(error: unknown): AdapterErrorDetails | undefined {
  // By name: an adapter with its own copy of the kit has another class.
  const isAdapterError = error instanceof Error && error.name === 'AdapterError' && 'details' in error;
  return isAdapterError ? (error.details as AdapterErrorDetails) : undefined;
}

/** The details for an error that is not an AdapterError. */
export function unexpectedFailure(stage: Stage, hint: string): AdapterErrorDetails {
  return { stage, code: 'unexpected', fault: 'vendor', retryable: false, hint };
}

/** Enumerated values are not scrubbed: a secret such as "timeout" would change a code. */
export function scrubbedDetails(details: AdapterErrorDetails, scrub: Scrubber): AdapterErrorDetails {
  return withClosedSets(scrub({ ...details }), details);
}

/** Many at a time, because a scrubber limits the work of one call. */
export function scrubbedDetailsList(list: readonly AdapterErrorDetails[], scrub: Scrubber): AdapterErrorDetails[] {
  return scrub(list.map((details) => ({ ...details }))).map((scrubbed, index) =>
    withClosedSets(scrubbed, list[index] ?? scrubbed),
  );
}

function withClosedSets(scrubbed: AdapterErrorDetails, { stage, code, fault }: AdapterErrorDetails) {
  return { ...scrubbed, stage, code, fault };
}
