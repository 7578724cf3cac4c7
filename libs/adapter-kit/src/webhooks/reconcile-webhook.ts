import { AdapterError, type AdapterErrorDetails, configurationError } from '../errors/adapter-error.ts';
import { omitUndefined } from '../json/json.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';
import { createScrubber } from '../scrubbing/scrubber.ts';
import { secretValues } from '../settings/settings-field.decorator.ts';
import type {
  Registered,
  RegistrationStatus,
  RegistrationTarget,
  WebhookLogEntry,
  WebhookRegistration,
} from './webhook-receiver.ts';

/** What the parts of a plan get. */
export interface RegistrationCall<S extends object> {
  readonly operation: 'register' | 'status' | 'unregister' | 'test' | 'log';
  readonly target: RegistrationTarget;
  readonly settings: S;
  readonly signal: AbortSignal | undefined;
}

/**
 * How a vendor's webhooks are read and written. Most vendors have one entry per connection; one with an entry for each
 * kind of event returns them all from `desired`, and tells them apart by `isFor`.
 *
 * All parts may throw an AdapterError.
 *
 * @typeParam Entry an entry as the vendor lists it
 * @typeParam Desired an entry as it should be
 * @example
 * export const acmeRegistration = (api: AcmeApi): WebhookRegistration<AcmeSettings> =>
 *   reconcileWebhook<AcmeSettings, AcmeWebhook, AcmeWebhookJson>({
 *     vendor: 'Acme',
 *     list: (call) => api.webhooks(call),
 *     isOurs: ({ id, url }, { target }) => id === target.vendorId || url === target.url,
 *     desired: ({ target, settings }) => [{ url: target.url, secret: settings.webhookSecret }],
 *     create: async (json, call) => ({ vendorId: await api.createWebhook(json, call) }),
 *     update: async ({ id }, json, call) => {
 *       await api.updateWebhook(id, json, call);
 *       return { vendorId: id };
 *     },
 *     remove: ({ id }, call) => api.removeWebhook(id, call),
 *     driftOf: ([entry], _all, { target }) => (entry.url === target.url ? [] : ['Acme posts to a different URL.']),
 *   });
 */
export interface WebhookPlan<S extends object, Entry, Desired = Entry> {
  /** The vendor's display name. */
  readonly vendor: string;
  /** Reads the entries of the account, those of others included. */
  readonly list: (call: RegistrationCall<S>) => Promise<readonly Entry[]>;
  /** Whether an entry belongs to this connection. If several do, put the best one first by `rank`. */
  readonly isOurs: (entry: Entry, call: RegistrationCall<S>) => boolean;
  /** Sorts the connection's entries: the lowest rank is kept, the others are removed. Default: as listed. */
  readonly rank?: (entry: Entry, call: RegistrationCall<S>) => number;
  /** Runs before anything is written, to reject a registration: another system's entry is in the way, for example. */
  readonly precheck?: (entries: readonly Entry[], call: RegistrationCall<S>) => void | Promise<void>;
  /** The entries as they should be. Runs before anything is written. */
  readonly desired: (call: RegistrationCall<S>) => readonly Desired[] | Promise<readonly Desired[]>;
  /** Whether an entry of the connection is the place of this desired one. Default: always. */
  readonly isFor?: (entry: Entry, desired: Desired) => boolean;
  /** Returns the result for an entry that needs no update, or undefined if it does. Default: each is updated. */
  readonly current?: (entry: Entry, desired: Desired, call: RegistrationCall<S>) => Registered<S> | undefined;
  readonly create: (desired: Desired, call: RegistrationCall<S>) => Promise<Registered<S>>;
  readonly update: (entry: Entry, desired: Desired, call: RegistrationCall<S>) => Promise<Registered<S>>;
  readonly remove: (entry: Entry, call: RegistrationCall<S>) => Promise<unknown>;
  /** Whether a failure of `remove` means that the entry no longer exists. Default: status 404. */
  readonly isGone?: (failure: AdapterErrorDetails) => boolean;
  /** Whether superfluous entries must be removed first, to make room. Default: last, so that no event is lost. */
  readonly removesFirst?: (entries: readonly Entry[], call: RegistrationCall<S>) => boolean;
  /**
   * Returns the differences from what would be registered now, each as a sentence for users. The secrets of the
   * settings are removed from them.
   * @param own the connection's entries, at least one
   */
  readonly driftOf: (
    own: readonly [Entry, ...Entry[]],
    all: readonly Entry[],
    call: RegistrationCall<S>,
  ) => readonly string[] | Promise<readonly string[]>;
  /** Returns when the vendor last posted to an entry, if it reports this. Default: the latest times in its `log`. */
  readonly times?: (entry: Entry, call: RegistrationCall<S>) => DeliveryTimes | Promise<DeliveryTimes>;
  /** Makes the vendor post a test event. Omit it if the vendor has no such call. */
  readonly test?: (entry: Entry, call: RegistrationCall<S>) => Promise<unknown>;
  /**
   * Reads the vendor's log of its requests to an entry, in any order. Omit it if the vendor has none. The secrets of the
   * settings are removed from its texts.
   */
  readonly log?: (entry: Entry, call: RegistrationCall<S>) => Promise<readonly WebhookLogEntry[]>;
  /** Explains a failure, such as a rejected key by the permissions that it lacks. Its stage is set afterwards. */
  readonly explain?: (failure: AdapterError, call: RegistrationCall<S>) => AdapterError | Promise<AdapterError>;
}

export type DeliveryTimes = Pick<RegistrationStatus, 'lastDeliveredAt' | 'lastFailedAt'>;

/**
 * Returns the registration that keeps a vendor's entries as a plan says. The entries of others are never written, and
 * nothing is written before the existing entries were read and `precheck` and `desired` passed. A registration that was
 * interrupted is repaired by the next one.
 */
export function reconcileWebhook<S extends object, Entry, Desired = Entry>(
  plan: WebhookPlan<S, Entry, Desired>,
): WebhookRegistration<S> {
  const run = async <T>(
    operation: RegistrationCall<S>['operation'],
    target: RegistrationTarget,
    settings: S,
    { signal }: CallOptions = {},
    work: (entries: Entries<Entry>, call: RegistrationCall<S>) => Promise<T>,
  ): Promise<T> => {
    const call = { operation, target, settings, signal };
    try {
      const all = await plan.list(call);
      return await work({ all, own: ownEntries(plan, all, call) }, call);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      throw registrationCallError((await plan.explain?.(error, call)) ?? error);
    }
  };
  const { test, log } = plan;
  return {
    register: (target, settings, options) =>
      run('register', target, settings, options, (entries, call) => register(plan, entries, call)),
    status: (target, settings, options) =>
      run('status', target, settings, options, (entries, call) => statusOf(plan, entries, call)),
    unregister: (target, settings, options) =>
      run('unregister', target, settings, options, async ({ own }, call) => {
        for (const entry of own) await remove(plan, entry, call);
      }),
    ...(test === undefined
      ? {}
      : {
          test: (target: RegistrationTarget, settings: S, options?: CallOptions) =>
            run('test', target, settings, options, async ({ own: [entry] }, call) => {
              if (entry === undefined) throw notRegistered(plan.vendor);
              await test(entry, call);
            }),
        }),
    ...(log === undefined
      ? {}
      : {
          log: (target: RegistrationTarget, settings: S, options?: CallOptions) =>
            run('log', target, settings, options, async ({ own: [entry] }, call) => {
              if (entry === undefined) throw notRegistered(plan.vendor);
              return sortedLog(createScrubber(secretValues(settings))(await log(entry, call)));
            }),
        }),
  };
}

interface Entries<Entry> {
  readonly all: readonly Entry[];
  readonly own: readonly Entry[];
}

function ownEntries<S extends object, Entry, Desired>(
  plan: WebhookPlan<S, Entry, Desired>,
  all: readonly Entry[],
  call: RegistrationCall<S>,
): readonly Entry[] {
  const own = all.filter((entry) => plan.isOurs(entry, call));
  const { rank } = plan;
  return rank === undefined ? own : own.toSorted((a, b) => rank(a, call) - rank(b, call));
}

async function register<S extends object, Entry, Desired>(
  plan: WebhookPlan<S, Entry, Desired>,
  { all, own }: Entries<Entry>,
  call: RegistrationCall<S>,
): Promise<Registered<S>> {
  await plan.precheck?.(all, call);
  const places = placesOf(plan, own, await plan.desired(call));
  const kept = new Set(places.map(({ entry }) => entry));
  const removeOthers = async (): Promise<void> => {
    for (const entry of own) if (!kept.has(entry)) await remove(plan, entry, call);
  };
  const removesFirst = plan.removesFirst?.(all, call) === true;
  if (removesFirst) await removeOthers();
  let registered: Registered<S> | undefined;
  for (const { entry, desired } of places) registered = await write(plan, entry, desired, call);
  if (!removesFirst) await removeOthers();
  if (registered === undefined) throw new TypeError('A webhook plan must desire at least one entry.');
  return registered;
}

/** Finds the place of each desired entry among the connection's own. */
function placesOf<S extends object, Entry, Desired>(
  { isFor = () => true }: WebhookPlan<S, Entry, Desired>,
  own: readonly Entry[],
  wanted: readonly Desired[],
): readonly { readonly entry: Entry | undefined; readonly desired: Desired }[] {
  const taken = new Set<Entry>();
  return wanted.map((desired) => {
    const entry = own.find((candidate) => !taken.has(candidate) && isFor(candidate, desired));
    if (entry !== undefined) taken.add(entry);
    return { entry, desired };
  });
}

function write<S extends object, Entry, Desired>(
  plan: WebhookPlan<S, Entry, Desired>,
  entry: Entry | undefined,
  desired: Desired,
  call: RegistrationCall<S>,
): Registered<S> | Promise<Registered<S>> {
  if (entry === undefined) return plan.create(desired, call);
  return plan.current?.(entry, desired, call) ?? plan.update(entry, desired, call);
}

async function remove<S extends object, Entry, Desired>(
  plan: WebhookPlan<S, Entry, Desired>,
  entry: Entry,
  call: RegistrationCall<S>,
): Promise<void> {
  const { isGone = ({ status }) => status === 404 } = plan;
  try {
    await plan.remove(entry, call);
  } catch (error) {
    if (!(error instanceof AdapterError) || !isGone(error.details)) throw error;
  }
}

async function statusOf<S extends object, Entry, Desired>(
  plan: WebhookPlan<S, Entry, Desired>,
  { all, own: [first, ...more] }: Entries<Entry>,
  call: RegistrationCall<S>,
): Promise<RegistrationStatus> {
  if (first === undefined) return { state: 'not_registered' };
  const scrub = createScrubber(secretValues(call.settings));
  const drift = scrub(await plan.driftOf([first, ...more], all, call));
  const times = await deliveryTimes(plan, first, call);
  return drift.length === 0 ? { state: 'registered', ...times } : { state: 'drifted', drift, ...times };
}

/** Whether an entry is right matters more than its log: no times if that is unavailable. */
async function deliveryTimes<S extends object, Entry, Desired>(
  { times, log }: WebhookPlan<S, Entry, Desired>,
  entry: Entry,
  call: RegistrationCall<S>,
): Promise<DeliveryTimes> {
  if (times !== undefined) return times(entry, call);
  if (log === undefined) return {};
  try {
    const newestFirst = sortedLog(await log(entry, call));
    const latest = (isSuccess: boolean) => newestFirst.find(({ delivered }) => delivered === isSuccess)?.at;
    return { ...omitUndefined('lastDeliveredAt', latest(true)), ...omitUndefined('lastFailedAt', latest(false)) };
  } catch (error) {
    if (error instanceof AdapterError && error.details.status !== undefined) return {};
    throw error;
  }
}

function sortedLog(entries: readonly WebhookLogEntry[]): WebhookLogEntry[] {
  return entries.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function notRegistered(vendor: string): AdapterError {
  const hint = `The webhook is not registered at ${vendor}. Register it first.`;
  return configurationError('invalid_request', hint, { stage: 'webhook' });
}

/**
 * Converts a failure of a call about a webhook's registration: such a call concerns no message, so the stage `message`
 * becomes `webhook`. Failures at earlier stages are returned unchanged.
 */
export function registrationCallError(error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.details.stage !== 'message') return error;
  return new AdapterError({ ...error.details, stage: 'webhook' });
}
