import { existsSync, readdirSync } from 'node:fs';
import type { StartSandbox, VendorSandbox, VendorSandboxOptions } from '@score-crm/adapter-kit/sandbox';

/** The options of every sandbox; each one listens on a free port. */
export type SandboxesOptions = Omit<VendorSandboxOptions, 'port'>;

/** The running sandboxes of all vendors. */
export interface Sandboxes {
  readonly byVendor: ReadonlyMap<string, VendorSandbox>;
  /** Base URLs by vendor key, for `VendorEndpoints`, of the sandboxes that have one. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Resolves when the events of all accepted messages have been posted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the sandbox of every vendor that has one. If one fails to start, closes the others and rejects.
 *
 * @param starters by default one for each folder `libs/*\/sandbox`
 */
export async function startSandboxes(
  options: SandboxesOptions = {},
  starters?: readonly StartSandbox[],
): Promise<Sandboxes> {
  const started = await Promise.allSettled((starters ?? (await vendorStarters())).map((start) => start(options)));
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

async function vendorStarters(): Promise<StartSandbox[]> {
  const libs = new URL('../../libs/', import.meta.url);
  const folders = readdirSync(libs).filter((folder) => existsSync(new URL(`${folder}/sandbox`, libs)));
  const starters: StartSandbox[] = [];
  // One after another: imports that share a module and run at the same time fail in Jest.
  for (const folder of folders) {
    const sandbox = (await import(`../../libs/${folder}/sandbox/index.ts`)) as { startSandbox: StartSandbox };
    starters.push(sandbox.startSandbox);
  }
  return starters;
}
