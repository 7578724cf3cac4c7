import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/databases.ts';
import { connectTo, HELLO } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

type Body = Readonly<Record<string, unknown>>;

/** Every route with a JSON body, and a body that it accepts but for what a test changes. */
const ROUTES: readonly (readonly [method: string, path: string, body: Body])[] = [
  ['POST', '/api/v1/connections', { ...smtpConnection('p'), fromEmail: 'news@sender.example' }],
  ['PATCH', '{connection}', { name: 'B', settings: {} }],
  ['POST', '/api/v1/connections/test', { vendor: 'smtp', settings: smtpConnection('p').settings }],
  ['POST', '{connection}/test', { to: [] }],
  ['POST', '{connection}/messages', HELLO],
  ['PUT', '{connection}/usages/campaign/42', { name: 'Spring sale', status: 'running' }],
  ['POST', '/api/v1/api-keys', { name: 'A', scope: 'read' }],
  ['POST', '/api/v1/session', { token: 'sk_x' }],
];

describe('hostile inputs', () => {
  let service: TestService;
  let server: TestSmtpServer;
  let connection: string;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
    server = await TestSmtpServer.start({ username: 'relay', password: service.secret() });
    connection = await connectTo(service, server);
  });

  afterAll(async () => {
    await server.close();
    await service.stop();
    await service.database.drop();
  });

  /** The status of a response, and the pointer and code of each error. */
  async function errorsOf(method: string, path: string, body: unknown): Promise<readonly unknown[]> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(service.url + path.replace('{connection}', connection), {
      method,
      headers: { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' },
      body: text,
    });
    const { errors = [] } = (await response.json()) as { errors?: { pointer: string; code: string }[] };
    return [response.status, ...errors.map(({ pointer, code }) => `${pointer} ${code}`)];
  }

  /** JSON with one more member, whose name may be `__proto__`. */
  const withMember = (body: Body, name: string, json: string): string => {
    const members = Object.entries(body).filter(([other]) => other !== name);
    const rest = members.map(([other, value]) => `,${JSON.stringify(other)}:${JSON.stringify(value)}`).join('');
    return `{${JSON.stringify(name)}:${json}${rest}}`;
  };

  describe.each(ROUTES)('for %s %s', (method, path, valid) => {
    it.each(['null', '[]', '"str"', '5', 'true'])('reject %s in place of the body', async (json) => {
      expect(await errorsOf(method, path, json)).toEqual([422, ' wrong_type']);
    });

    it.each<[string, string]>([
      ['__proto__', 'not_allowed'],
      ['constructor', 'unknown_field'],
      ['prototype', 'unknown_field'],
      ['a/b~c', 'unknown_field'],
    ])('reject the member %s', async (name, code) => {
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      for (const json of ['1', 'null', '{}', '{"name":"polluted","prototype":{"name":"polluted"}}']) {
        expect(await errorsOf(method, path, withMember(valid, name, json))).toEqual([422, `${pointer} ${code}`]);
      }
      expect(({} as { name?: string }).name).toBeUndefined();
    });

    it('reject 20,000 levels', async () => {
      const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
      expect(await errorsOf(method, path, deep)).toEqual([413, ' too_deep']);
      const open = withMember(valid, 'metadata', '['.repeat(20_000));
      expect(await errorsOf(method, path, open)).toEqual([413, ' too_deep']);
    });
  });

  const ODD = ['[]', '"str"', '5', 'true'];

  it.each([
    ['POST', '/api/v1/connections', 'settings', 'required'],
    ['PATCH', '{connection}', 'settings', 'wrong_type'],
    ['POST', '/api/v1/connections/test', 'settings', 'wrong_type'],
    ['POST', '{connection}/messages', 'from', 'wrong_type'],
    ['POST', '{connection}/messages', 'headers', 'wrong_type'],
    ['POST', '{connection}/messages', 'metadata', 'wrong_type'],
  ])('for %s %s are rejected in place of the object %s', async (method, path, name, codeOfNull) => {
    const valid = ROUTES.find(([other, at]) => other === method && at === path)?.[2] ?? {};
    for (const json of ODD) {
      expect(await errorsOf(method, path, withMember(valid, name, json))).toEqual([422, `/${name} wrong_type`]);
    }
    expect(await errorsOf(method, path, withMember(valid, name, 'null'))).toEqual([422, `/${name} ${codeOfNull}`]);
  });

  it.each([
    ['POST', '/api/v1/connections', 'allowedSenderDomains'],
    ['POST', '/api/v1/connections/test', 'to'],
    ['POST', '{connection}/test', 'to'],
    ['POST', '{connection}/messages', 'to'],
    ['POST', '{connection}/messages', 'attachments'],
    ['POST', '{connection}/messages', 'tags'],
    ['POST', '/api/v1/api-keys', 'connectionIds'],
  ])('for %s %s are rejected in place of the array %s', async (method, path, name) => {
    const valid = ROUTES.find(([other, at]) => other === method && at === path)?.[2] ?? {};
    for (const json of ['{}', '{"0":"a","length":1}', '"str"', '5']) {
      expect(await errorsOf(method, path, withMember(valid, name, json))).toEqual([422, `/${name} wrong_type`]);
    }
  });

  it('are rejected in place of the items of a list', async () => {
    const json = '[null,[],"str",5,{}]';
    expect(await errorsOf('POST', '{connection}/messages', withMember(HELLO, 'cc', json))).toEqual([
      422,
      '/cc/0 wrong_type',
      '/cc/1 wrong_type',
      '/cc/2 wrong_type',
      '/cc/3 wrong_type',
      '/cc/4/email required',
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'are rejected as the name %s of metadata and headers',
    async (name) => {
      for (const member of ['metadata', 'headers']) {
        for (const value of ['"x"', 'null', '{}', '{"polluted":1}']) {
          const body = withMember(HELLO, member, `{"${name}":${value}}`);
          expect(await errorsOf('POST', '{connection}/messages', body)).toEqual([
            422,
            `/${member}/${name} not_allowed`,
          ]);
        }
      }
      const settings = withMember(smtpConnection('p').settings, name, '"x"');
      const code = name === '__proto__' ? 'not_allowed' : 'unknown_field';
      for (const path of ['/api/v1/connections', '/api/v1/connections/test']) {
        const body = withMember(smtpConnection('p'), 'settings', settings);
        expect(await errorsOf('POST', path, body)).toEqual([422, `/settings/${name} ${code}`]);
      }
    },
  );
});

describe('a request with many problems', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'), { production: true });
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it('has all of them reported in one response', async () => {
    const body = {
      vendor: 'smtp',
      color: 'red',
      fromEmail: 'nobody',
      fromName: 'n'.repeat(201),
      allowedSenderDomains: ['example.com', 'https://example.com'],
      settings: { host: 'https://mail.example.com', port: 70_000, username: 'relay', apiKey: 'x' },
    };
    const answer = await service.call('POST', '/api/v1/connections', { body });
    const errors = (answer.body.errors as { pointer: string; code: string }[]).map(
      (one) => `${one.pointer} ${one.code}`,
    );
    expect([answer.status, errors]).toEqual([
      422,
      [
        '/name required',
        '/fromEmail invalid_email',
        '/fromName too_long',
        '/allowedSenderDomains/1 invalid_domain',
        '/color unknown_field',
        '/settings/host invalid',
        '/settings/port out_of_range',
        '/settings/password required',
        '/settings/apiKey unknown_field',
      ],
    ]);
  });

  it('has what the outbound policy, the sender domains and the stored secrets refuse among them', async () => {
    const { name, vendor, settings } = smtpConnection(service.secret(), { host: 'mail.example.com' });
    const created = await service.call('POST', '/api/v1/connections', { body: { name, vendor, settings } });
    expect(created.status).toBe(201);
    const path = `/api/v1/connections/${String(created.body.id)}`;
    const change = {
      fromEmail: 'ada@other.example',
      allowedSenderDomains: ['example.com'],
      settings: { host: '10.0.0.1', caCertificate: 'x' },
    };
    const answer = await service.call('PATCH', path, { body: change });
    const errors = (answer.body.errors as { pointer: string; code: string }[]).map(
      (one) => `${one.pointer} ${one.code}`,
    );
    expect([answer.status, errors]).toEqual([
      422,
      [
        '/fromEmail sender_domain_not_allowed',
        '/settings/caCertificate invalid',
        '/settings/host address_forbidden',
        '/settings/password secret_required',
      ],
    ]);
  });
});
