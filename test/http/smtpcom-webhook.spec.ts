import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { findSecrets } from '../support/secret-search.ts';
import { type Answer, TestService } from '../support/service.ts';

const PUBLIC_URL = 'https://connections.example';
const BOUNCE = {
  event_label: 'bounce',
  mail_from: 'no-reply@sender.example',
  rcpt_to: 'ada@recipient.example',
  time_started: 1_755_444_161,
  time_finished: 1_755_444_164,
  tries: 0,
  resp_code: 550,
  resp_class: 10,
  resp_msg: '5.1.1 User unknown',
};

// A vendor that signs nothing: a token in the query proves its posts, and the event stands there too.
describe.each(ANY_DATABASE)('a webhook that is proven by its address, on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind), { publicUrl: PUBLIC_URL });
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function create(settings: object = {}): Promise<string> {
    const apiKey = service.watch(randomBytes(20).toString('hex'));
    const body = { name: 'Newsletter', vendor: 'smtpcom', settings: { apiKey, channel: 'acme', ...settings } };
    const created = await service.call('POST', '/api/v1/connections', { body });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return String(created.body.id);
  }

  const webhookOf = async (id: string, token?: string): Promise<any> =>
    (await service.call('GET', `/api/v1/connections/${id}/webhook`, token === undefined ? {} : { token })).body;
  const tokenOf = async (id: string): Promise<string> =>
    new URL((await webhookOf(id)).address).searchParams.get('token') ?? '';

  function post(id: string, query: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<any>> {
    return service.call('POST', `/webhooks/v2/smtpcom/${id}${query}`, { token: null, body, headers });
  }

  const newEvent = (fields: object = {}): object => ({
    ...BOUNCE,
    id: randomBytes(16).toString('hex'),
    tracking_id: randomBytes(16).toString('hex'),
    ...fields,
  });

  it('has a token of its own, which only those see who may manage', async () => {
    const [id, other] = [await create(), await create()];
    const webhook = await webhookOf(id);
    const token = await tokenOf(id);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await tokenOf(other)).not.toBe(token);
    expect(webhook.address).toBe(`${PUBLIC_URL}/webhooks/v2/smtpcom/${id}?token=${token}`);
    const addresses = webhook.setupInstructions.flatMap(({ value }: any) => value ?? []);
    expect(addresses).toContain(`${webhook.address}&event=hard_bounced`);
    const shown = await webhookOf(id, await service.tokenFor('default', 'read'));
    expect(JSON.stringify(shown)).not.toContain(token);
    expect(shown.setupInstructions.map(({ title }: any) => title)).toEqual(
      webhook.setupInstructions.map(({ title }: any) => title),
    );
    const connection = await service.call('GET', `/api/v1/connections/${id}`);
    expect(connection.body.secrets.webhookToken).toMatchObject({ set: true });
    expect(JSON.stringify(connection.body)).not.toContain(token);
  });

  it('takes a bounce once that two events tell of, and shows each as it came', async () => {
    const id = await create();
    const token = await tokenOf(id);
    const bounce = newEvent({ score_connection_id: id });
    expect((await post(id, `?token=${token}&event=failed`, [bounce])).body).toEqual({ accepted: 1, duplicates: 0 });
    const again = { ...bounce, id: randomBytes(16).toString('hex') };
    expect((await post(id, `?token=${token}&event=hard_bounced`, [again])).body).toEqual({
      accepted: 0,
      duplicates: 1,
    });
    const { data } = (await service.call('GET', `/api/v1/connections/${id}/events`)).body;
    expect(data).toMatchObject([{ kind: 'bounced', recipient: 'ada@recipient.example', bounce: { class: 'hard' } }]);
    const one = await service.call('GET', `/api/v1/connections/${id}/events/${String(data[0].id)}`);
    expect(one.body.raw).toEqual(bounce);
  });

  it('knows by its address an event that does not name itself, and forgets the token', async () => {
    const id = await create();
    const token = await tokenOf(id);
    const form = new URLSearchParams({ data: JSON.stringify([newEvent({ event_label: undefined })]) }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(id, `?event=opened&token=${token}`, form, headers)).body).toEqual({
      accepted: 1,
      duplicates: 0,
    });
    const { data } = (await service.call('GET', `/api/v1/connections/${id}/events`)).body;
    expect(data).toMatchObject([{ kind: 'opened' }]);
    const one = await service.call('GET', `/api/v1/connections/${id}/events/${String(data[0].id)}`);
    expect(one.body.raw).toMatchObject({ rcpt_to: 'ada@recipient.example' });
    expect(findSecrets(await service.database.dump(), [token])).toEqual([]);
    expect(findSecrets(Buffer.from(service.logs.join('\n')), [token])).toEqual([]);
  });

  it('takes nothing without the token, or with another', async () => {
    const [id, other] = [await create(), await create()];
    const [token, others] = [await tokenOf(id), await tokenOf(other)];
    const refusals: [string, string][] = [
      ['', 'missing_signature'],
      ['?token=', 'missing_signature'],
      ['?event=delivered', 'missing_signature'],
      [`?token=${others}`, 'invalid_signature'],
      [`?token=${token.slice(1)}`, 'invalid_signature'],
      [`?token=${token}&token=${token}`, 'invalid_signature'],
    ];
    for (const [query, code] of refusals) {
      const answer = await post(id, query, [newEvent()]);
      expect([query, answer.status, answer.body.code]).toEqual([query, 401, code]);
    }
    expect((await service.call('GET', `/api/v1/connections/${id}/events`)).body.data).toEqual([]);
    expect((await post(id, `?token=${token}`, '')).body).toEqual({ accepted: 0, duplicates: 0 });
  });

  it('gets a new token where the old one is cleared; the old one is taken for a while', async () => {
    const id = await create();
    const before = await tokenOf(id);
    await service.call('PATCH', `/api/v1/connections/${id}`, { body: { settings: { webhookToken: null } } });
    const after = await tokenOf(id);
    expect(after).not.toBe(before);
    for (const token of [before, after]) {
      expect((await post(id, `?token=${token}&event=failed`, [newEvent()])).body).toEqual({
        accepted: 1,
        duplicates: 0,
      });
    }
  });

  it('wants a signature too where there is a signing key', async () => {
    const key = service.watch(randomBytes(24).toString('base64url'));
    const id = await create({ webhookSigningKey: key });
    const query = `?token=${await tokenOf(id)}&event=failed`;
    const body = `${JSON.stringify([newEvent()])}\r\n`;
    const signed = { 'X-SMTPCOM-Signature': createHmac('sha256', key).update(body).digest('hex') };
    expect((await post(id, query, body)).body.code).toBe('missing_signature');
    expect((await post(id, query, `${body} `, signed)).body.code).toBe('invalid_signature');
    expect((await post(id, '?event=failed', body, signed)).body.code).toBe('missing_signature');
    expect((await post(id, query, body, signed)).body).toEqual({ accepted: 1, duplicates: 0 });
  });
});
