import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { ErasureRunner } from '../../libs/connections/src/retention/erasure-runner.ts';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

describe.each(DATABASES)('erasures on %s', (kind) => {
  let service: TestService;
  let other: TestService;

  beforeAll(async () => {
    const database = await createDatabase(kind);
    service = await TestService.start(database);
    other = await TestService.start(database);
  });
  afterAll(async () => {
    await other.stop();
    await service.stop();
    await service.database.drop();
  });

  const query = async (sql: string): Promise<any[]> => service.app.get(UnitOfWork).write((tx) => tx.query(sql));
  const erase = async (recipient: string): Promise<any> => {
    const { status, body } = await service.call('POST', '/api/v1/erasures', { body: { recipient } });
    expect(status).toBe(202);
    return body;
  };
  const get = async (id: string): Promise<any> => (await service.call('GET', `/api/v1/erasures/${id}`)).body;
  /** Until a pass has ended: the second one, if it is due, or the first. */
  const passed = async (id: string): Promise<any> => {
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      const [row] = await query(`SELECT leased_by, state FROM erasures WHERE id = '${id}'`);
      if (row.leased_by === null && row.state !== 'pending') return get(id);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('The erasure has not run.');
  };
  /** As if it had been requested three minutes ago. */
  const secondPass = async (id: string, by = service): Promise<any> => {
    const minutesAgo = new Date(Date.now() - 180_000).toISOString().replace('T', ' ').replace('Z', '');
    await query(
      `UPDATE erasures SET state = 'pending', requested_at = '${minutesAgo}', due_at = '${minutesAgo}' WHERE id = '${id}'`,
    );
    by.app.get(ErasureRunner).start();
    return passed(id);
  };
  /** The rows of the tables, with decompressed bodies. */
  const contents = async (): Promise<string> => {
    const tables = ['email_events', 'event_batches', 'erasures', 'audit_entries', 'connection_tests', 'unsaved_tests'];
    const rows = await Promise.all(tables.map((table) => query(`SELECT * FROM ${table}`)));
    const batches = await query('SELECT DISTINCT batch FROM event_bodies');
    const bodies = await Promise.all(
      batches.map(async ({ batch }) => {
        const parts = await query(`SELECT bytes FROM event_bodies WHERE batch = ${String(batch)} ORDER BY part`);
        return brotliDecompressSync(Buffer.concat(parts.map(({ bytes }) => bytes))).toString();
      }),
    );
    return `${JSON.stringify(rows)}\n${bodies.join('\n')}`;
  };

  it('remove an address from what is stored, and count what was changed', async () => {
    const hook = await SendgridWebhook.create(service);
    await hook.post([
      vendorEvent('delivered', { email: 'ada@erased.example' }),
      vendorEvent('bounce', { email: 'ada@erased.example', reason: '550 <ada@erased.example> is unknown' }),
      vendorEvent('open', { email: 'eve@kept.example' }),
    ]);
    expect(await contents()).toContain('ada@erased.example');
    const { id } = await erase('Ada@ERASED.example');
    expect(await passed(id)).toEqual({
      id,
      state: 'running',
      requestedAt: expect.any(String),
      completedAt: null,
      events: 2,
      bodies: 1,
      deliveries: 0,
      tests: 0,
    });
    // Not even in the row of the erasure, which still needs it.
    expect(await contents()).not.toMatch(/ada@erased\.example/i);
    expect(await secondPass(id)).toMatchObject({ state: 'completed', completedAt: expect.any(String), events: 2 });
    expect(await query(`SELECT recipient, due_at FROM erasures WHERE id = '${id}'`)).toEqual([
      { recipient: null, due_at: null },
    ]);
    const { data } = (await service.call('GET', `/api/v1/connections/${hook.id}/events`)).body;
    // The newest is the last of the request.
    expect(data.map(({ recipient }: any) => recipient)).toEqual(['eve@kept.example', null, null]);
  });

  it('are audited with the caller, and name the address neither there nor in logs and responses', async () => {
    const { id } = await erase('audited@erased.example');
    await passed(id);
    const [entry] = await query(`SELECT * FROM audit_entries WHERE subject = '${id}'`);
    expect(entry).toMatchObject({
      action: 'recipient.erase',
      organization: 'default',
      actor: expect.stringContaining('api-key:'),
    });
    expect([...service.logs, ...service.responses].join('\n')).not.toContain('audited@erased.example');
    expect((await service.database.dump()).includes('audited@erased.example')).toBe(false);
  });

  it('of the same address are one, which starts again', async () => {
    const first = await erase('again@erased.example');
    await passed(first.id);
    const second = await erase('again@erased.example');
    expect(second).toMatchObject({ id: first.id, state: 'pending', completedAt: null });
    await passed(first.id);
  });

  it('find what another instance has stored before it noticed them', async () => {
    const hook = await SendgridWebhook.create(service);
    const body = JSON.stringify([vendorEvent('open', { email: 'late@erased.example' })]);
    const post = async (to: TestService, text: string): Promise<void> => {
      const headers = hook.signer.headersFor(Buffer.from(text));
      expect((await to.call('POST', hook.path, { token: null, headers, body: text })).status).toBe(200);
    };
    // From here on, the other instance knows the erasures for a minute.
    await post(other, JSON.stringify([vendorEvent('open', { email: 'eve@kept.example' })]));
    const { id } = await erase('late@erased.example');
    expect(await passed(id)).toMatchObject({ events: 0 });
    await post(other, body);
    expect(await secondPass(id)).toMatchObject({ state: 'completed', events: 1, bodies: 1 });
    expect(await contents()).not.toContain('late@erased.example');
  });

  it('continue when the instance that ran them is lost', async () => {
    const hook = await SendgridWebhook.create(service);
    await hook.post([vendorEvent('open', { email: 'lost@erased.example' })]);
    const { id } = await erase('lost@erased.example');
    await passed(id);
    await query(`UPDATE erasures SET leased_by = 'lost', due_at = '2100-01-01 00:00:00.000' WHERE id = '${id}'`);
    other.app.get(ErasureRunner).start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await query(`SELECT leased_by FROM erasures WHERE id = '${id}'`)).toEqual([{ leased_by: 'lost' }]);
    expect(await secondPass(id, other)).toMatchObject({ state: 'completed' });
  });

  it('remove the address from samples of unauthenticated requests, stored before and later', async () => {
    const hook = await SendgridWebhook.create(service);
    const forge = async (body: string, headers: Record<string, string> = {}): Promise<void> => {
      const wrong = hook.signer.headersFor(Buffer.from('something else'));
      expect((await hook.postAs(body, { ...wrong, ...headers })).status).toBe(401);
      await service.app.get(UnauthenticatedSamples).flush();
    };
    await forge('[{"email":"sample@erased.example"}]');
    await forge('[1]', { 'x-from': 'sample@erased.example' });
    const { id } = await erase('sample@erased.example');
    expect(await passed(id)).toMatchObject({ bodies: 1, deliveries: 1 });
    await forge('[{"email":"sample@erased.example"},2]');
    await forge('[2]', { 'x-from': '<sample@erased.example>' });
    await forge('[3]', { 'x-from': 'eve@kept.example' });
    await secondPass(id);
    const { data } = (await service.call('GET', `/api/v1/connections/${hook.id}/deliveries?limit=100`)).body;
    expect(data).toHaveLength(5);
    const stored = await contents();
    expect(stored).not.toContain('sample@erased.example');
    expect(stored).toContain('eve@kept.example');
  });

  it.each([
    [{}, 'required'],
    [{ recipient: 'ada' }, 'invalid_email'],
    [{ recipient: 'Ada <ada@erased.example>' }, 'invalid_email'],
    [{ recipient: ['ada@erased.example'] }, 'wrong_type'],
    [{ recipient: 'ada@erased.example', all: true }, 'unknown_field'],
  ])('are refused for %j', async (body, code) => {
    const answer = await service.call('POST', '/api/v1/erasures', { body });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input']);
    expect(answer.body.errors[0]).toMatchObject({ code });
    expect(JSON.stringify(answer.body)).not.toContain('ada@erased.example');
  });

  it('belong to their organization, and need the scope manage', async () => {
    const { id } = await erase('own@erased.example');
    const foreign = await service.tokenFor('acme', 'manage');
    expect((await service.call('GET', `/api/v1/erasures/${String(id)}`, { token: foreign })).status).toBe(404);
    expect((await service.call('GET', '/api/v1/erasures/none')).status).toBe(404);
    const token = await service.tokenFor('default', 'send');
    const body = { recipient: 'own@erased.example' };
    expect((await service.call('POST', '/api/v1/erasures', { token, body })).status).toBe(403);
  });
});
