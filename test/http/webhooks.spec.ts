import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ConnectionLoader } from '../../libs/connections/src/connections/connection-loader.ts';
import { UnitOfWork, WebhookIngest } from '@score-crm/connections';
import { vendorBody, WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { checkedFetch } from '../support/contract.ts';
import { createDatabase, DATABASES, batchesOf, ofConnection } from '../support/databases.ts';
import { newId, SendgridWebhook, type VendorEvent, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const SIGNATURE = 'X-Twilio-Email-Event-Webhook-Signature';
const TIMESTAMP = 'X-Twilio-Email-Event-Webhook-Timestamp';
const NOWHERE = '0199d3c8-7a00-7000-8000-000000000000';
const MIB = 1 << 20;
// One driver gives JSON back as text, the other as what it means.
const fromJson = (value: any): any => (typeof value === 'string' ? JSON.parse(value) : value);

describe.each(DATABASES)('webhooks on %s', (kind) => {
  let service: TestService;
  let hook: SendgridWebhook;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
    hook = await SendgridWebhook.create(service);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const query = (sql: string): Promise<any[]> => service.app.get(UnitOfWork).read((tx) => tx.query(sql));
  const stored = async (what: 'events' | 'batches', id = hook.id): Promise<any[]> =>
    query(what === 'batches' ? batchesOf(id) : `SELECT * FROM email_events WHERE ${ofConnection(id)} ORDER BY id`);
  /** Without samples of unauthenticated requests, which are stored at any time later. */
  const counts = async (): Promise<number[]> => {
    const batches = (await stored('batches')).filter(({ status }) => status !== 'unauthenticated');
    return [(await stored('events')).length, batches.length];
  };
  const events = async (of = hook, search = '') =>
    (await service.call('GET', `/api/v1/connections/${of.id}/events${search}`)).body;

  describe('the proof', () => {
    const body = vendorBody([vendorEvent('delivered')]).toString();
    const cases: [string, string, (own: Record<string, string>) => [string, Record<string, string>]][] = [
      ['no signature', 'missing_signature', () => [body, {}]],
      ['no timestamp', 'missing_signature', (own) => [body, { [SIGNATURE]: own[SIGNATURE] ?? '' }]],
      ['an empty signature', 'missing_signature', (own) => [body, { ...own, [SIGNATURE]: '' }]],
      ['another key', 'invalid_signature', () => [body, new WebhookSigner().headersFor(Buffer.from(body))]],
      ['another body', 'invalid_signature', (own) => [body.replace('delivered', 'open'), own]],
      ['one more space', 'invalid_signature', (own) => [body.replace(',', ', '), own]],
      ['another timestamp', 'invalid_signature', (own) => [body, { ...own, [TIMESTAMP]: '1755444161' }]],
      ['a signature that is no base64', 'malformed_signature', (own) => [body, { ...own, [SIGNATURE]: '!?' }]],
      ['the CRLF at the end cut off', 'invalid_signature', (own) => [body.trimEnd(), own]],
    ];

    it.each(cases)('refuses %s with 401 %s and stores nothing', async (_name, code, change) => {
      const before = await counts();
      const [altered, headers] = change(hook.signer.headersFor(Buffer.from(body)));
      const answer = await hook.postAs(altered, headers);
      expect([answer.status, answer.body.code]).toEqual([401, code]);
      expect(answer.headers.get('content-type')).toMatch('application/problem+json');
      expect(await counts()).toEqual(before);
    });

    it('holds for the connection of the URL alone', async () => {
      const other = await SendgridWebhook.create(service);
      expect((await hook.postSigned(body, { path: other.path })).body.code).toBe('invalid_signature');
      expect((await hook.postSigned(body)).body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('cannot be given where the connection has no key', async () => {
      const other = await SendgridWebhook.create(service);
      await service.call('PATCH', `/api/v1/connections/${other.id}`, {
        body: { settings: { webhookSigningKey: null } },
      });
      const answer = await other.postSigned(body);
      expect([answer.status, answer.body.code]).toEqual([401, 'not_configured']);
    });

    it('may come from the key that was replaced lately', async () => {
      const other = await SendgridWebhook.create(service);
      const next = new WebhookSigner();
      const settings = { webhookSigningKey: service.watch(next.publicKey) };
      await service.call('PATCH', `/api/v1/connections/${other.id}`, { body: { settings } });
      const batch = (name: string): string => JSON.stringify([vendorEvent('delivered', { email: name })]);
      expect((await other.postSigned(batch('a@r.example'))).body.accepted).toBe(1);
      const signed = next.headersFor(Buffer.from(batch('b@r.example')));
      expect((await other.postAs(batch('b@r.example'), signed)).status).toBe(401);
      const fresh = batch('c@r.example');
      expect((await other.postAs(fresh, next.headersFor(Buffer.from(fresh)))).body.accepted).toBe(1);
    });

    it.each(['text/plain', 'garbage', 'application/x-www-form-urlencoded'])(
      'is over raw bytes typed %s',
      async (type) => {
        const answer = await hook.post([vendorEvent('open')], { headers: { 'content-type': type } });
        expect([answer.status, answer.body]).toEqual([200, { accepted: 1, duplicates: 0 }]);
      },
    );
  });

  describe('the address', () => {
    it('is nowhere for an unknown connection, another vendor or a vendor without webhooks', async () => {
      const smtp = await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
      const paths = [
        `/webhooks/v2/sendgrid/${NOWHERE}`,
        '/webhooks/v2/sendgrid/not-an-id',
        '/webhooks/v2/sendgrid/%C3%A9',
        `/webhooks/v2/sparkpost/${hook.id}`,
        `/webhooks/v2/smtp/${hook.id}`,
        `/webhooks/v2/smtp/${String(smtp.body.id)}`,
        `/webhooks/v2/sendgrid/${String(smtp.body.id)}`,
        `/webhooks/v2/constructor/${hook.id}`,
      ];
      for (const path of paths) {
        const posted = await hook.post([vendorEvent('open')], { path });
        expect([path, posted.status, posted.body.code]).toEqual([path, 404, 'not_found']);
        expect((await service.call('GET', path, { token: null })).status).toBe(404);
      }
    });

    it('answers a probe by GET and HEAD', async () => {
      expect((await service.call('GET', hook.path, { token: null })).body).toEqual({ status: 'ok' });
      expect((await checkedFetch(service.url + hook.path, { method: 'HEAD' })).status).toBe(200);
      const nowhere = `${service.url}/webhooks/v2/sendgrid/${NOWHERE}`;
      expect((await checkedFetch(nowhere, { method: 'HEAD' })).status).toBe(404);
    });

    it('may end in a slash, with a query or without', async () => {
      for (const path of [`${hook.path}/`, `${hook.path}/?source=console`]) {
        expect((await hook.post([vendorEvent('open')], { path })).body).toEqual({ accepted: 1, duplicates: 0 });
        expect((await service.call('GET', path, { token: null })).body).toEqual({ status: 'ok' });
      }
      expect((await hook.post([vendorEvent('open')], { path: `${hook.path}/else` })).status).toBe(404);
    });

    it('keeps its query to itself', async () => {
      const secret = encodeURIComponent(service.secret());
      expect((await hook.post([vendorEvent('open')], { path: `${hook.path}?token=${secret}` })).status).toBe(200);
      expect(service.logs.some((line) => line.includes('"/webhooks/v2/:vendor/:connectionId"'))).toBe(true);
    });
  });

  describe('the size', () => {
    it('of 11 MiB is too much', async () => {
      const answer = await hook.postSigned(' '.repeat(11 * MIB));
      expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
    });

    it.each([5, 11])('of %i MiB is too much without its length told beforehand', async (size) => {
      const headers = hook.signer.headersFor(Buffer.alloc(size * MIB, 32));
      const answer = await checkedFetch(service.url + hook.path, {
        method: 'POST',
        headers,
        body: new Blob([Buffer.alloc(size * MIB, 32)]).stream(),
        duplex: 'half',
      });
      expect(answer.status).toBe(413);
      await answer.text();
    });

    it('may be more than the API takes', async () => {
      const body = `${JSON.stringify([vendorEvent('open')])}${' '.repeat(3 * MIB)}`;
      expect((await hook.postSigned(body)).body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('is not hidden by a compression', async () => {
      const answer = await hook.post([vendorEvent('open')], { headers: { 'content-encoding': 'gzip' } });
      expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
    });

    it('of all that one address sends without having been authenticated has an end', async () => {
      const other = await SendgridWebhook.create(service);
      const full = 4 * MIB - 1;
      const headers = { ...hook.signer.headersFor(Buffer.alloc(0)), 'content-length': String(4 * MIB) };
      const open = Array.from({ length: 5 }, () => {
        const coming = request(service.url + hook.path, { method: 'POST', headers });
        coming.on('error', () => undefined);
        coming.write(Buffer.alloc(full, ' '));
        return coming;
      });
      const answered = open.map((coming) => once(coming, 'response').catch(() => new Promise(() => undefined)));
      const [refused] = (await Promise.race(answered)) as [IncomingMessage];
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '5']);
      expect(JSON.parse(await text(refused)).code).toBe('too_many_requests');
      // What arrives immediately does not have to wait for it.
      expect((await other.postSigned(JSON.stringify([vendorEvent('open')]))).status).toBe(200);
      for (const coming of open) coming.destroy();
      // Whoever hangs up gives his room back.
      const batch = `${JSON.stringify([vendorEvent('open')])}${' '.repeat(3 * MIB)}`;
      let answer = await hook.postSigned(batch);
      while (answer.status === 503) answer = await hook.postSigned(batch);
      expect(answer.body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('leaves the API as it was: no raw bytes there', async () => {
      const headers = { 'content-type': 'application/octet-stream' };
      expect((await service.call('POST', '/api/v1/connections', { headers, body: '{}' })).status).toBe(415);
    });
  });

  describe('the batch', () => {
    it.each(['{"half', 'plain', '5', 'null'])(
      'stores a body that is not a batch as a rejected delivery: %s',
      async (body) => {
        const answer = await hook.postSigned(body);
        expect([answer.status, answer.body.code]).toEqual([400, 'delivery_rejected']);
        const last = (await stored('batches')).at(-1);
        expect(last).toMatchObject({ status: 'rejected', accepted: 0, reason: expect.stringMatching(/./) });
        expect(last.body.length).toBeGreaterThan(0);
      },
    );

    it.each(['', '[]', '{}', ' \r\n'])('that holds nothing is welcome: "%s"', async (body) => {
      const answer = await hook.postSigned(body);
      expect([answer.status, answer.body]).toEqual([200, { accepted: 0, duplicates: 0 }]);
    });

    it('costs its broken items alone', async () => {
      const good = [vendorEvent('delivered'), vendorEvent('open')];
      const answer = await hook.post([
        good[0],
        null,
        7,
        { email: 'x' },
        ['open'],
        { event: 'open' },
        good[1],
      ] as object[]);
      expect([answer.status, answer.body]).toEqual([200, { accepted: 2, duplicates: 0 }]);
      const last = (await stored('batches')).at(-1);
      expect([last.status, last.accepted, last.rejected]).toEqual(['accepted', 2, 5]);
      expect(fromJson(last.rejections).map((item: any) => item.position)).toEqual([1, 2, 3, 4, 5]);
      const second = (await events(hook)).data.find((event: any) => event.vendorEventId === good[1]?.['sg_event_id']);
      const details = await service.call('GET', `/api/v1/connections/${hook.id}/events/${String(second.id)}`);
      expect(details.body.raw).toEqual(good[1]);
    });

    it('is stored once, however often, under whichever ids and however split it comes', async () => {
      const other = await SendgridWebhook.create(service);
      const batch = ['processed', 'delivered', 'open'].map((name) => vendorEvent(name));
      expect((await other.post(batch)).body).toEqual({ accepted: 3, duplicates: 0 });
      expect((await other.post(batch)).body).toEqual({ accepted: 0, duplicates: 3 });
      expect((await other.post(batch)).body).toEqual({ accepted: 0, duplicates: 3 });
      const renamed = batch.map((event) => ({ ...event, sg_event_id: newId() }));
      expect((await other.post(renamed)).body).toEqual({ accepted: 0, duplicates: 3 });
      const added = vendorEvent('spamreport');
      expect((await other.post([...renamed.slice(2), added, added])).body).toEqual({ accepted: 1, duplicates: 2 });
      expect((await other.post(renamed.slice(0, 1))).body).toEqual({ accepted: 0, duplicates: 1 });
      expect(await stored('events', other.id)).toHaveLength(4);
      // Of what is known already, no second copy is kept.
      const bodies = (await stored('batches', other.id)).map((row) => row.body !== null);
      expect(bodies).toEqual([true, false, false, false, true, false]);
    });

    it('is another connection’s own, even if it is equal', async () => {
      const [one, two] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
      const batch = [vendorEvent('delivered')];
      expect((await one.post(batch)).body).toEqual({ accepted: 1, duplicates: 0 });
      expect((await two.post(batch)).body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('keeps an open and a click under one vendor’s id apart', async () => {
      const other = await SendgridWebhook.create(service);
      const ids = { sg_event_id: newId(), sg_message_id: newId() };
      const click = vendorEvent('click', { ...ids, url: 'https://sender.example/' });
      expect((await other.post([vendorEvent('open', ids), click])).body).toEqual({ accepted: 2, duplicates: 0 });
      expect((await events(other)).data.map((event: any) => event.kind).toSorted()).toEqual(['clicked', 'opened']);
    });

    it('tells a block from a dead address, and keeps a bounce without ids unmatched', async () => {
      const other = await SendgridWebhook.create(service);
      const bounce = { event: 'bounce', timestamp: 1_755_444_161 };
      const late = { ...bounce, email: 'late@r.example', type: 'bounce', status: '5.1.1', reason: '550 no such user' };
      await other.post([
        vendorEvent('bounce', { type: 'blocked', status: '5.7.1', email: 'blocked@r.example' }),
        vendorEvent('bounce', { type: 'bounce', status: '5.1.1', email: 'dead@r.example' }),
        late,
      ]);
      const { data } = await events(other, '?kind=bounced');
      const shown = data.map((event: any) => [
        event.recipient,
        event.bounce.class,
        event.messageId === null,
        event.attribution,
      ]);
      expect(shown.toSorted()).toEqual([
        ['blocked@r.example', 'block', false, 'unmatched'],
        ['dead@r.example', 'hard', false, 'unmatched'],
        ['late@r.example', 'hard', true, 'unmatched'],
      ]);
    });

    it('stays with the connection of its URL, whatever ids it names', async () => {
      const token = await service.tokenFor('other');
      const theirs = await SendgridWebhook.create(service, token);
      const names = (id: string, email: string) => vendorEvent('delivered', { email, score_connection_id: id });
      await hook.post([names(theirs.id, 'foreign@r.example'), names(hook.id, 'ours@r.example')]);
      await hook.postSigned(
        JSON.stringify([vendorEvent('open', { email: 'example@test.com', category: ['cat facts'] })]),
      );
      const attribution = async (recipient: string) =>
        (await events(hook, `?recipient=${recipient}`)).data[0].attribution;
      expect(await attribution('foreign@r.example')).toBe('foreign');
      expect(await attribution('OURS@r.example')).toBe('own');
      expect(await attribution('example@test.com')).toBe('test');
      expect(await stored('events', theirs.id)).toEqual([]);
    });

    it('loses no event to a text that no column takes', async () => {
      const other = await SendgridWebhook.create(service);
      const odd = `\ud800 \u0000 😀 ${'é'.repeat(5_000)}`;
      const long = newId().repeat(20);
      const sent = vendorEvent('click', {
        email: `${'ü'.repeat(400)}@R.example`,
        sg_message_id: long,
        sg_event_id: `é${long}`,
        url: `https://sender.example/${'x'.repeat(100_000)}`,
        useragent: odd,
        ip: 'not an address',
        category: [odd],
        note: odd,
        [`ключ ${odd}`]: 'value',
      });
      const twin = { ...sent, sg_message_id: `${long}x` };
      expect((await other.post([sent, twin])).body).toEqual({ accepted: 2, duplicates: 0 });
      const { data } = await events(other);
      expect(data[0]).toMatchObject({
        messageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        vendorEventId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        ip: null,
        userAgent: expect.stringContaining('\ufffd \u0000 😀 é'),
        tags: [expect.stringContaining('😀')],
        metadata: { note: expect.stringContaining('😀') },
      });
      expect(data[0].messageId).not.toBe(data[1].messageId);
      expect([data[0].url.length, data[0].recipient.length]).toEqual([8_000, 320]);
      const raw = (await service.call('GET', `/api/v1/connections/${other.id}/events/${String(data[1].id)}`)).body.raw;
      expect(raw.url).toBe(sent['url']);
    });
  });

  it('takes a deleted connection’s complaint for thirty days', async () => {
    const other = await SendgridWebhook.create(service);
    await service.call('DELETE', `/api/v1/connections/${other.id}`);
    expect((await other.post([vendorEvent('spamreport')])).body).toEqual({ accepted: 1, duplicates: 0 });
    expect(await stored('events', other.id)).toMatchObject([{ kind: 10 }]);
    expect((await service.call('GET', `/api/v1/connections/${other.id}/events`)).status).toBe(404);
    const past = new Date(Date.now() - 31 * 86_400_000).toISOString().replace('T', ' ').replace('Z', '');
    await query(`UPDATE connections SET deleted_at = '${past}' WHERE id = '${other.id}'`);
    service.app.get(ConnectionLoader).forget(other.id);
    expect((await other.post([vendorEvent('spamreport')])).status).toBe(404);
  });

  describe('many at once', () => {
    const batches = Array.from({ length: 64 }, (_, index) => [
      vendorEvent('delivered', { email: index === 40 ? 'refused@r.example' : `r${String(index)}@r.example` }),
    ]);

    /** Posts what is stored only once all of it is there, and counts the commits. */
    async function together(to: SendgridWebhook, posts: readonly VendorEvent[][]) {
      const writer = service.app.get(WebhookIngest)['writer'];
      const original = writer.write.bind(writer);
      const events = writer['events'];
      const spies = [jest.spyOn(events, 'inserts'), jest.spyOn(events, 'insertNew')];
      let arrived = 0;
      let letIn: () => void = () => undefined;
      // One door for all: each waiting for itself, they would go in one after the other.
      const all = new Promise<void>((resolve) => (letIn = resolve));
      const write = jest.spyOn(writer, 'write').mockImplementation(async (request) => {
        arrived += 1;
        if (arrived === posts.length) letIn();
        await all;
        return original(request);
      });
      try {
        const answers = await Promise.all(posts.map((batch) => to.post(batch)));
        return { answers, commits: spies.reduce((sum, { mock }) => sum + mock.calls.length, 0) };
      } finally {
        for (const spy of [...spies, write]) spy.mockRestore();
      }
    }

    it('cost the guilty one alone where the database refuses it', async () => {
      const other = await SendgridWebhook.create(service);
      await query(
        kind === 'SQLite'
          ? `CREATE TRIGGER refuse BEFORE INSERT ON email_events WHEN NEW.recipient = 'refused@r.example'
             BEGIN SELECT RAISE(ABORT, 'refused'); END`
          : `CREATE TRIGGER refuse BEFORE INSERT ON email_events FOR EACH ROW
             IF NEW.recipient = 'refused@r.example' THEN SIGNAL SQLSTATE '45000'; END IF`,
      );
      const { answers, commits } = await together(other, batches);
      await query('DROP TRIGGER refuse');
      // One failed together, then each was tried alone: had the refused one been by itself, this would prove nothing.
      expect(commits).toBeGreaterThan(20);
      expect(answers.map(({ status }) => status)).toEqual(batches.map((_, index) => (index === 40 ? 500 : 200)));
      expect(answers.filter(({ body }) => body.accepted === 1)).toHaveLength(63);
      expect(await stored('events', other.id)).toHaveLength(63);
      expect(await stored('batches', other.id)).toHaveLength(63);
      // The vendor sends it again.
      expect((await other.post(batches[40] ?? [])).body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('share commits, and each event is accepted once', async () => {
      const other = await SendgridWebhook.create(service);
      const twice = [...batches, ...batches];
      const { answers, commits } = await together(other, twice);
      expect(answers.map(({ status }) => status)).toEqual(twice.map(() => 200));
      expect(answers.reduce((sum, { body }) => sum + Number(body.accepted), 0)).toBe(64);
      expect(answers.reduce((sum, { body }) => sum + Number(body.duplicates), 0)).toBe(64);
      expect(await stored('events', other.id)).toHaveLength(64);
      expect(commits).toBeLessThan(5);
    });
  });

  describe('the list', () => {
    it('is paged, newest first, and filtered', async () => {
      const other = await SendgridWebhook.create(service);
      const batch = Array.from({ length: 7 }, (_, index) =>
        vendorEvent(index % 2 === 0 ? 'open' : 'delivered', { email: `r${String(index)}@r.example` }),
      );
      for (const event of batch) await other.post([event]);
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: any = await events(other, `?limit=3&cursor=${cursor}`);
        seen.push(...page.data.map((event: any) => event.recipient));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(batch.map((event) => event['email']).toReversed());
      expect((await events(other, '?kind=delivered')).data).toHaveLength(3);
      expect((await events(other, '?kind=delivered,opened')).data).toHaveLength(7);
      expect((await events(other, '?kind=bounced,opened')).data).toHaveLength(4);
      expect((await events(other, '?domain=R.example&limit=1&order=asc')).data).toMatchObject([
        { recipient: 'r0@r.example' },
      ]);
      const [last, before] = (await events(other, '?limit=2')).data;
      const at = encodeURIComponent(String(last.receivedAt));
      const since = new Set((await events(other, `?from=${at}`)).data.map((event: any) => event.id));
      expect([since.has(last.id), since.has(before.id)]).toEqual([true, before.receivedAt === last.receivedAt]);
      expect((await events(other, `?to=${at}`)).data.some((event: any) => event.id === last.id)).toBe(false);
      expect((await events(other, '?recipient=R3@r.example')).data).toMatchObject([{ recipient: 'r3@r.example' }]);
    });

    it.each([
      ['?kind=shouted', 400],
      ['?limit=0', 400],
      ['?limit=101', 400],
      ['?since=1', 400],
      ['?kind=opened&kind=clicked', 400],
      ['?cursor=zzz', 400],
      [`?messageId=${'x'.repeat(1_001)}`, 400],
    ])('refuses %s with %i', async (search, status) => {
      expect((await service.call('GET', `/api/v1/connections/${hook.id}/events${search}`)).status).toBe(status);
    });

    it('belongs to its organization', async () => {
      await hook.post([vendorEvent('delivered')]);
      const token = await service.tokenFor('other', 'read');
      const [{ id }] = (await events(hook, '?limit=1')).data;
      const path = `/api/v1/connections/${hook.id}/events`;
      for (const where of [path, `${path}/${String(id)}`]) {
        expect((await service.call('GET', where)).status).toBe(200);
        expect((await service.call('GET', where, { token })).status).toBe(404);
        expect((await service.call('GET', where, { token: null })).status).toBe(401);
      }
    });

    it('is that of a message with the timeline, which is in the order of what happened', async () => {
      const other = await SendgridWebhook.create(service);
      // As SMTP servers have it, and as long as an ID may be.
      const ids = [newId(), `<a/b?c ${'x'.repeat(200)}@example>`];
      const at = (second: number, event: string, messageId: string | undefined, email = 'ada@r.example'): VendorEvent =>
        vendorEvent(event, { timestamp: 1_755_444_000 + second, sg_message_id: `${String(messageId)}.x`, email });
      for (const id of ids) {
        await other.post([at(30, 'open', id), at(20, 'delivered', id), at(25, 'delivered', id, 'bob@r.example')]);
        await other.post([at(10, 'processed', id), at(40, 'click', id, 'bob@r.example')]);
      }
      for (const id of ids) {
        const path = `/api/v1/connections/${other.id}/messages/${encodeURIComponent(id)}`;
        const { status, body } = await service.call('GET', path);
        expect([status, body.messageId, body.truncated]).toEqual([200, id, false]);
        expect(body.events.map((event: any) => event.kind)).toEqual([
          'queued',
          'delivered',
          'delivered',
          'opened',
          'clicked',
        ]);
        const ofBob = (await service.call('GET', `${path}?recipient=Bob@R.example`)).body.events;
        expect(ofBob.map((event: any) => event.kind)).toEqual(['delivered', 'clicked']);
        expect((await events(other, `?messageId=${encodeURIComponent(id)}`)).data).toHaveLength(5);
        expect((await events(other, `?messageId=${encodeURIComponent(id)}&kind=opened`)).data).toHaveLength(1);
        const token = await service.tokenFor('other', 'read');
        for (const [where, as] of [
          [`${path}x`, service.key],
          [`${path}?recipient=eve@r.example`, service.key],
          [path, token],
        ] as const) {
          const missing = await service.call('GET', where, { token: as });
          expect([missing.status, missing.body.code]).toEqual([404, 'not_found']);
        }
      }
      expect((await events(other, '?messageId=unknown')).data).toEqual([]);
    });

    it('names at most 1,000 events of a message', async () => {
      const other = await SendgridWebhook.create(service);
      const id = newId();
      const batch = Array.from({ length: 1_001 }, (_, index) =>
        vendorEvent('delivered', { sg_message_id: `${id}.x`, email: `r${String(index)}@r.example` }),
      );
      expect((await other.post(batch)).status).toBe(200);
      const { body } = await service.call('GET', `/api/v1/connections/${other.id}/messages/${id}`);
      expect([body.events.length, body.truncated]).toEqual([1_000, true]);
    });

    it('shows an event under its own connection alone', async () => {
      const other = await SendgridWebhook.create(service);
      await hook.post([vendorEvent('delivered')]);
      const [{ id }] = (await events(hook, '?limit=1')).data;
      for (const odd of [id, '0', 'x', '99999999999999999999', '-1']) {
        const answer = await service.call('GET', `/api/v1/connections/${other.id}/events/${String(odd)}`);
        expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
      }
    });
  });
});
