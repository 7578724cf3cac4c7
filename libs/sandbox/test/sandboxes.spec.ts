import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { StartSandbox, VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { startSandboxes } from '@score-crm/sandbox';

const SMTP = 'smtp';

/** Starts what only tells that it was closed. */
function starter(vendor: string, closed: string[]): StartSandbox {
  return async ({ paceMs } = {}): Promise<VendorSandbox> => ({
    vendor,
    settings: { paceMs: Number(paceMs) },
    failures: {},
    mails: [],
    webhooks: [],
    settled: async () => undefined,
    close: async () => void closed.push(vendor),
  });
}

describe('the sandboxes of all vendors', () => {
  it('are one for each line of src/adapters.ts', async () => {
    const sandboxes = await startSandboxes();
    const lines = readFileSync('src/adapters.ts', 'utf8').matchAll(/adapter-(\w+)'/g);
    const vendors = new Set([...lines].map(([, vendor]) => vendor));
    expect(new Set(sandboxes.byVendor.keys())).toEqual(vendors);
    for (const [vendor, sandbox] of sandboxes.byVendor) expect(sandbox.vendor).toBe(vendor);
    await sandboxes.close();
  });

  it('answer at their endpoints until they are closed', async () => {
    const sandboxes = await startSandboxes();
    // The settings of SMTP lead to its server themselves.
    expect(Object.keys(sandboxes.endpoints)).toEqual([...sandboxes.byVendor.keys()].filter((name) => name !== SMTP));
    for (const url of Object.values(sandboxes.endpoints)) expect((await fetch(url)).status).toBeGreaterThan(399);
    await sandboxes.settled();
    await sandboxes.close();
    for (const url of Object.values(sandboxes.endpoints)) await expect(fetch(url)).rejects.toThrow();
  });

  it('are given the options', async () => {
    const sandboxes = await startSandboxes({ paceMs: 7 }, [starter('one', []), starter('two', [])]);
    expect([...sandboxes.byVendor.values()].map(({ settings }) => settings['paceMs'])).toEqual([7, 7]);
  });

  it('are all closed where one does not start', async () => {
    const closed: string[] = [];
    const broken: StartSandbox = () => Promise.reject(new Error('no port'));
    await expect(startSandboxes({}, [starter('one', closed), broken, starter('two', closed)])).rejects.toThrow(
      'no port',
    );
    expect(closed).toEqual(['one', 'two']);
  });
});
