import type { StartSandbox, VendorSandbox, VendorSandboxOptions } from '@score-crm/adapter-kit/sandbox';
import { STARTERS } from './vendors.ts';

/** As every sandbox takes them; each one listens on a free port. */
export type SandboxesOptions = Omit<VendorSandboxOptions, 'port'>;

/** The sandboxes of all vendors, while they run. */
export interface Sandboxes {
  readonly byVendor: ReadonlyMap<string, VendorSandbox>;
  /** Base URLs by vendor key, as `VendorEndpoints` takes them, of those that have one. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Resolves when the events of all accepted mails are posted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the sandbox of every vendor that has one. */
export async function startSandboxes(
  options: SandboxesOptions = {},
  starters: readonly StartSandbox[] = STARTERS,
): Promise<Sandboxes> {
  const started = await Promise.allSettled(starters.map((start) => start(options)));
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async (): Promise<void> => void (await Promise.all(running.map((sandbox) => sandbox.close())));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  return {
    byVendor: new Map(running.map((sandbox) => [sandbox.vendor, sandbox])),
    endpoints: Object.fromEntries(running.flatMap(({ vendor, url }) => (url === undefined ? [] : [[vendor, url]]))),
    settled: async () => void (await Promise.all(running.map((sandbox) => sandbox.settled()))),
    close,
  };
}
