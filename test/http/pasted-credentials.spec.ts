import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { API_VENDORS } from '../support/vendors.ts';

describe('an API key that was pasted with more than the key', () => {
  let service: TestService;
  let sandboxes: Sandboxes;

  beforeAll(async () => {
    sandboxes = await startSandboxes();
    service = await TestService.start(await createDatabase('SQLite'), { vendorEndpoints: sandboxes.endpoints });
  });

  afterAll(async () => {
    await service.stop();
    await sandboxes.close();
    await service.database.drop();
  });

  /** The field of the key that the vendor requires. */
  async function keyField(vendor: string): Promise<{ readonly name: string; readonly label: string }> {
    const { body } = await service.call('GET', `/api/v1/vendors/${vendor}`);
    return body.fields.find(({ secret, required }: any) => secret === true && required === true);
  }

  function test(vendor: string, changes: object) {
    const settings = { ...sandboxes.byVendor.get(vendor)?.settings, ...changes };
    const body = { vendor, settings, fromEmail: 'news@sender.example' };
    return service.call('POST', '/api/v1/connections/test', { body });
  }

  it.each(API_VENDORS)('is warned of where it can be a key, by a test of %s', async (vendor) => {
    const { name, label } = await keyField(vendor);
    const key = String(sandboxes.byVendor.get(vendor)?.settings[name]);
    const { status, body } = await test(vendor, { [name]: `"${key}"` });
    expect(status).toBe(200);
    expect(body.diagnosis.warnings).toMatchObject([
      {
        code: 'suspicious_credential',
        pointer: `/settings/${name}`,
        hint: expect.stringContaining('quotation marks'),
      },
    ]);
    expect(body.diagnosis.error).toMatchObject({ code: 'authentication_failed' });
    expect(body.diagnosis.error.hint).toContain(`“${label}” is in quotation marks`);
    expect(JSON.stringify(body)).not.toContain(key);
  });

  it.each(API_VENDORS)('is refused where it cannot be one, by %s', async (vendor) => {
    const { name } = await keyField(vendor);
    for (const key of [' key', 'key\n', 'Bearer key', '\u00a0key']) {
      const { status, body } = await test(vendor, { [name]: key });
      expect([key, status, body.errors?.[0]?.pointer]).toEqual([key, 422, `/settings/${name}`]);
    }
  });
});
