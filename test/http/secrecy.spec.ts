import { describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { findSecrets } from '../support/secret-search.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

// Every flow of the suite ends with this search (TestService.stop); here it is proven to find what is there.
describe('the search for secrets', () => {
  const secret = 'pa/ss+"wörd%';

  it.each<[string, (secret: string) => string]>([
    ['raw', (text) => text],
    ['json', (text) => JSON.stringify({ text })],
    ['url', encodeURIComponent],
    ['hex', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['base64', (text) => Buffer.from(text).toString('base64')],
    ['base64', (text) => Buffer.from(`user:${text}`).toString('base64')],
    ['base64', (text) => Buffer.from(`\0ab\0${text}\0`).toString('base64url')],
  ])('finds a secret that is %s', (form, encode) => {
    const haystack = Buffer.from(`some text ${encode(secret)} and more`);
    expect(findSecrets(haystack, [secret]).map((finding) => finding.form)).toContain(form);
    expect(findSecrets(Buffer.from(`some text ${encode('another one')} and more`), [secret])).toEqual([]);
  });

  it.each(DATABASES)('notices one that is planted in the database, in %s', async (kind) => {
    const service = await TestService.start(await createDatabase(kind));
    const planted = service.secret();
    await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
    await service.assertSecretsKept();
    const body = { ...smtpConnection(service.secret()), fromName: Buffer.from(planted).toString('base64') };
    await service.call('POST', '/api/v1/connections', { body });
    await expect(service.assertSecretsKept()).rejects.toThrow('A secret is in the database');
    await service.app.close();
    await service.database.drop();
  });

  it('notices one that is planted in a log or a response', async () => {
    const service = await TestService.start(await createDatabase('SQLite'));
    const planted = service.secret();
    service.logs.push(`Basic ${Buffer.from(`u:${planted}`).toString('base64')}`);
    await expect(service.assertSecretsKept()).rejects.toThrow('A secret is in the logs');
    service.logs.pop();
    service.responses.push(encodeURIComponent(planted));
    await expect(service.assertSecretsKept()).rejects.toThrow('A secret is in the responses');
    await service.app.close();
    await service.database.drop();
  });

  it('finds nothing in the log of a request that carries secrets in its URL and headers', async () => {
    const service = await TestService.start(await createDatabase('SQLite'));
    const planted = service.secret();
    await service.call('GET', `/api/v1/connections?search=${encodeURIComponent(planted)}`);
    await service.call('GET', `/nothing/${encodeURIComponent(planted)}?token=${encodeURIComponent(planted)}`, {
      headers: { 'x-api-key': encodeURIComponent(planted), cookie: `session=${encodeURIComponent(planted)}` },
    });
    await service.call('GET', '/api/v1/connections', { token: encodeURIComponent(planted) });
    await service.stop();
    await service.database.drop();
  });
});
