import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';

const API_VENDORS = ['mailgun', 'sendgrid', 'smtpcom', 'sparkpost'];

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

  function test(vendor: string, apiKey: string) {
    const settings = { ...sandboxes.byVendor.get(vendor)?.settings, apiKey };
    const body = { vendor, settings, fromEmail: 'news@sender.example' };
    return service.call('POST', '/api/v1/connections/test', { body });
  }

  it.each(API_VENDORS)('is warned of where it can be a key, by a test of %s', async (vendor) => {
    const apiKey = String(sandboxes.byVendor.get(vendor)?.settings['apiKey']);
    const { status, body } = await test(vendor, `"${apiKey}"`);
    expect(status).toBe(200);
    expect(body.diagnosis.warnings).toMatchObject([
      { code: 'suspicious_credential', pointer: '/settings/apiKey', hint: expect.stringContaining('quotation marks') },
    ]);
    expect(body.diagnosis.error).toMatchObject({ code: 'authentication_failed' });
    expect(body.diagnosis.error.hint).toContain('“API key” is in quotation marks');
    expect(JSON.stringify(body)).not.toContain(apiKey);
  });

  it.each(API_VENDORS)('is refused where it cannot be one, by %s', async (vendor) => {
    for (const apiKey of [' key', 'key\n', 'Bearer key', '\u00a0key']) {
      const { status, body } = await test(vendor, apiKey);
      expect([apiKey, status, body.errors?.[0]?.pointer]).toEqual([apiKey, 422, '/settings/apiKey']);
    }
  });
});
