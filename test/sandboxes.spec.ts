import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { StartSandbox, VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { SandboxViewer } from '../scripts/sandbox/sandbox-viewer.ts';
import { startSandboxes } from '../scripts/sandbox/sandboxes.ts';

const SMTP = 'smtp';

/** Starts a sandbox that only records that it was closed. */
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

  it('respond at their endpoints until they are closed', async () => {
    const sandboxes = await startSandboxes();
    // The settings of SMTP contain its server.
    expect(Object.keys(sandboxes.endpoints)).toEqual([...sandboxes.byVendor.keys()].filter((name) => name !== SMTP));
    for (const url of Object.values(sandboxes.endpoints)) expect((await fetch(url)).status).toBeGreaterThan(399);
    await sandboxes.settled();
    await sandboxes.close();
    for (const url of Object.values(sandboxes.endpoints)) await expect(fetch(url)).rejects.toThrow();
  });

  it('receive the options', async () => {
    const sandboxes = await startSandboxes({ paceMs: 7 }, [starter('one', []), starter('two', [])]);
    expect([...sandboxes.byVendor.values()].map(({ settings }) => settings['paceMs'])).toEqual([7, 7]);
  });

  it('are all closed if one does not start', async () => {
    const closed: string[] = [];
    const broken: StartSandbox = () => Promise.reject(new Error('no port'));
    await expect(startSandboxes({}, [starter('one', closed), broken, starter('two', closed)])).rejects.toThrow(
      'no port',
    );
    expect(closed).toEqual(['one', 'two']);
  });
});

describe('the viewer', () => {
  it('shows mails and webhooks of each, and no key', async () => {
    const secretive = starter('secretive', []);
    const mail = { messageId: 'm', from: 'a@b.example', recipients: ['c@d.example'], subject: 'Hello' };
    const start: StartSandbox = async () => ({
      ...(await secretive()),
      mails: [{ ...mail, headers: { authorization: 'Bearer open-sesame' } } as typeof mail],
      webhooks: [{ id: 'w', url: 'https://crm.example/hook?token=open-sesame' }],
    });
    const viewer = await SandboxViewer.start(await startSandboxes({}, [start]));
    const view = async (path: string, method = 'GET'): Promise<[number, unknown]> => {
      const answer = await fetch(viewer.url + path, { method });
      return [answer.status, await answer.json()];
    };
    expect(await view('/secretive/mails')).toEqual([200, [mail]]);
    expect(await view('/secretive/webhooks')).toEqual([200, [{ id: 'w', url: 'https://crm.example/hook' }]]);
    const unknown = [404, { paths: ['/secretive/mails', '/secretive/webhooks'] }];
    for (const path of ['/', '/secretive', '/secretive/mails/1', '/other/mails', '/secretive/toString']) {
      expect(await view(path)).toEqual(unknown);
    }
    expect(await view('/secretive/mails', 'DELETE')).toEqual(unknown);
    await viewer.close();
  });
});
