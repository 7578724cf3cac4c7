import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { ConfigurationError, readConfiguration } from '../../src/config/environment.ts';
import { createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { VENDORS } from '../support/vendors.ts';

const ENVIRONMENT = { DATABASE_URL: 'sqlite:x', ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}` };

function variable(vendor: string): string {
  return `${vendor.toUpperCase()}_API_URL`;
}

describe('the variables of the vendors’ base URLs', () => {
  it('are one for each vendor, and none need be set', () => {
    expect(readConfiguration(ENVIRONMENT).vendorEndpoints).toEqual({});
    const given = Object.fromEntries(VENDORS.map((vendor) => [variable(vendor), `https://proxy.example/${vendor}/`]));
    const { vendorEndpoints } = readConfiguration({ ...ENVIRONMENT, ...given });
    expect(vendorEndpoints).toEqual(
      Object.fromEntries(VENDORS.map((vendor) => [vendor, `https://proxy.example/${vendor}`])),
    );
    expect(vendorEndpoints).toHaveProperty('sendgrid');
  });

  it.each([
    ['api.sendgrid.com', 'must be the https:// or http:// URL of the vendor’s API'],
    ['ftp://api.sendgrid.com', 'must be the https:// or http:// URL of the vendor’s API'],
    ['https://user:open-sesame@proxy.example', 'must not contain a username'],
    ['https://proxy.example?key=open-sesame', 'must not contain a username'],
    ['https://proxy.example#open-sesame', 'must not contain a username'],
  ])('%s is refused, and not repeated', (url, reason) => {
    const read = (): unknown => readConfiguration({ ...ENVIRONMENT, SENDGRID_API_URL: url, SMTPCOM_API_URL: url });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(`- SENDGRID_API_URL ${reason}`);
    expect(read).toThrow(`- SMTPCOM_API_URL ${reason}`);
    expect(read).not.toThrow(/open-sesame|ftp/);
  });
});

describe('a service whose vendors are sandboxes', () => {
  let sandboxes: Sandboxes;
  let service: TestService;

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 1 });
    const environment = Object.entries(sandboxes.endpoints).map(([vendor, url]) => [variable(vendor), url]);
    const { vendorEndpoints } = readConfiguration({ ...ENVIRONMENT, ...Object.fromEntries(environment) });
    service = await TestService.start(await createDatabase('SQLite'), { vendorEndpoints });
  });
  afterAll(async () => {
    await service.stop();
    await sandboxes.close();
  });

  async function created(vendor: string, changes: object = {}): Promise<string> {
    const settings: Record<string, unknown> = { ...sandboxes.byVendor.get(vendor)?.settings, ...changes };
    for (const name of ['apiKey', 'password']) if (name in settings) service.keepSecret(String(settings[name]));
    const body = { name: vendor, vendor, fromEmail: 'news@sender.example', settings };
    const answer = await service.call('POST', '/api/v1/connections', { body });
    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ vendor })]);
    return String(answer.body.id);
  }

  async function tested(id: string): Promise<any> {
    const body = { to: ['ada@recipient.example'] };
    return (await service.call('POST', `/api/v1/connections/${id}/test`, { body })).body.diagnosis;
  }

  it.each(VENDORS)('reaches %s', async (vendor) => {
    const id = await created(vendor);
    expect(await tested(id)).toMatchObject({ ok: true, sent: { accepted: ['ada@recipient.example'] } });
    expect(sandboxes.byVendor.get(vendor)?.mails.at(-1)).toMatchObject({ recipients: ['ada@recipient.example'] });
  });

  it.each(VENDORS)('is told by %s what is wrong with a key', async (vendor) => {
    const id = await created(vendor, sandboxes.byVendor.get(vendor)?.failures['authentication_failed']);
    expect(await tested(id)).toMatchObject({ ok: false, error: { code: 'authentication_failed' } });
  });
});
