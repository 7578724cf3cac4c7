import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { WebhookSigner as MailgunSigner } from '../../libs/adapter-mailgun/sandbox/index.ts';
import { counted } from '../support/counted.ts';
import { createDatabase, DATABASES, ofConnection } from '../support/databases.ts';
import { newId, SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const NOW = Math.floor(Date.now() / 1000);
const URL = 'https://sender.example/start';
const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const HOUR = 3600;

/** A connection, and how its vendor posts. */
interface Hook {
  readonly id: string;
  post(body: string): Promise<{ status: number; body: any }>;
}

describe.each(DATABASES)('webhook events on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind), { publicUrl: 'https://connections.example' });
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function connect(vendor: string, settings: object): Promise<string> {
    const apiKey = service.watch(randomBytes(20).toString('hex'));
    const body = { name: vendor, vendor, settings: { apiKey, ...settings } };
    const created = await service.call('POST', '/api/v1/connections', { body });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return String(created.body.id);
  }

  async function sendgrid(): Promise<Hook> {
    const hook = await SendgridWebhook.create(service);
    return { id: hook.id, post: (body) => hook.postSigned(body) };
  }

  async function mailgun(): Promise<Hook> {
    const signer = new MailgunSigner();
    const id = await connect('mailgun', { domain: 'mg.sender.example', webhookSigningKey: service.watch(signer.key) });
    const post = (data: string) => {
      const body = `{"signature":${JSON.stringify(signer.credentials())},"event-data":${data}}`;
      return service.call('POST', `/webhooks/v2/mailgun/${id}`, { token: null, body });
    };
    return { id, post };
  }

  async function sparkpost(): Promise<Hook> {
    const webhookPassword = service.watch(randomBytes(24).toString('base64url'));
    const id = await connect('sparkpost', { webhookPassword });
    const authorization = `Basic ${Buffer.from(`score-crm:${webhookPassword}`).toString('base64')}`;
    const post = (body: string) =>
      service.call('POST', `/webhooks/v2/sparkpost/${id}`, { token: null, body, headers: { authorization } });
    return { id, post };
  }

  async function smtpcom(): Promise<Hook> {
    const id = await connect('smtpcom', { channel: 'acme' });
    const { address } = (await service.call('GET', `/api/v1/connections/${id}/webhook`)).body;
    const { pathname, search } = new globalThis.URL(address);
    return { id, post: (body) => service.call('POST', pathname + search, { token: null, body }) };
  }

  const events = async ({ id }: Hook, search = ''): Promise<any[]> =>
    (await service.call('GET', `/api/v1/connections/${id}/events${search}`)).body.data;
  const counts = async ({ id }: Hook): Promise<any> => {
    await counted(service.app);
    return (await service.call('GET', `/api/v1/connections/${id}/stats?days=365`)).body.counts;
  };
  /** The text of the answer, since a double would round what is in it. */
  const rawOf = async ({ id }: Hook, event: any): Promise<string> => {
    const answer = await service.call('GET', `/api/v1/connections/${id}/events/${String(event.id)}`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    return /"raw":(.*)\}$/s.exec(service.responses.at(-1) ?? '')?.[1] ?? '';
  };

  /** The least that each vendor posts of a delivery, with other members. */
  const DELIVERIES: [string, () => Promise<Hook>, (members: string, time?: string | null) => string][] = [
    [
      'SendGrid',
      sendgrid,
      (members, time = String(NOW)) =>
        `[{"event":"delivered","email":"ada@recipient.example","sg_message_id":"m.1"${time === null ? '' : `,"timestamp":${time}`},${members}}]`,
    ],
    [
      'Mailgun',
      mailgun,
      (members, time = String(NOW)) =>
        `{"event":"delivered","id":"a1","recipient":"ada@recipient.example"${time === null ? '' : `,"timestamp":${time}`},"user-variables":{${members}}}`,
    ],
    [
      'SparkPost',
      sparkpost,
      (members, time = String(NOW)) =>
        `[{"msys":{"message_event":{"type":"delivery","event_id":"1","rcpt_to":"ada@recipient.example"${time === null ? '' : `,"timestamp":${time}`},"rcpt_meta":{${members}}}}}]`,
    ],
    [
      'SMTP.com',
      smtpcom,
      (members, time = String(NOW)) =>
        `[{"event_label":"delivery","tracking_id":"t1","rcpt_to":"ada@recipient.example"${time === null ? '' : `,"time_finished":${time}`},${members}}]`,
    ],
  ];

  describe.each(DELIVERIES)('of %s', (_name, connectHook, delivery) => {
    it('keep every digit of a number, in metadata and in the raw form', async () => {
      const hook = await connectHook();
      const numbers =
        '"order":12345678901234567890,"huge":1e400,"minus":-0,"one":1.0,"tenth":0.10,"plain":7,"half":"\\ud800"';
      expect(await hook.post(delivery(numbers))).toMatchObject({ status: 200, body: { accepted: 1 } });
      const [event] = await events(hook);
      expect(event.metadata).toEqual({
        order: '12345678901234567890',
        huge: '1e400',
        minus: '-0',
        one: '1.0',
        tenth: '0.10',
        plain: '7',
        half: '\ufffd',
      });
      expect(await rawOf(hook, event)).toContain(numbers);
    });

    it('are kept without a time, once, with the time of receipt', async () => {
      const hook = await connectHook();
      for (const time of [null, '"soon"', '-1', '1e400']) {
        const body = delivery('"campaign":"autumn"', time);
        expect(await hook.post(body)).toMatchObject({ status: 200 });
        expect(await hook.post(body)).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 1 } });
      }
      const all = await events(hook);
      expect(all.length).toBeGreaterThan(0);
      for (const { occurredAt, receivedAt, kind: what } of all) {
        expect([what, occurredAt]).toEqual(['delivered', receivedAt]);
      }
    });

    it('with an implausible time count at the time of receipt, and keep theirs in the raw form', async () => {
      const hook = await connectHook();
      // The years 9996, 1970 and 2001, and 25 hours ahead.
      const times = ['253300000000', '1', '1000000000', String(NOW + 25 * HOUR)];
      for (const time of times) await hook.post(delivery(`"of":"${time}"`, time));
      const all = await events(hook);
      for (const event of all) {
        expect(event.occurredAt).toBe(event.receivedAt);
        expect(await rawOf(hook, event)).toContain(event.metadata.of);
      }
      expect((await counts(hook)).delivered).toBe(all.length);
    });

    it('that are nested 20,000 levels deep are malformed and kept, and a repetition too', async () => {
      const hook = await connectHook();
      const body = delivery(`"deep":${DEEP}`);
      for (let time = 0; time < 2; time++) {
        const answer = await hook.post(body);
        expect(answer.status).toBe(400);
      }
      const kept = await service.app
        .get(UnitOfWork)
        .read((tx) => tx.query(`SELECT status FROM event_batches WHERE ${ofConnection(hook.id)}`));
      expect(kept).toEqual(expect.arrayContaining([{ status: 'rejected' }]));
    });
  });

  it('keep the time of a plausible clock', async () => {
    const hook = await sendgrid();
    const times = [NOW - 300 * 24 * HOUR, NOW - 7 * 24 * HOUR, NOW + HOUR];
    await hook.post(JSON.stringify(times.map((timestamp) => vendorEvent('delivered', { timestamp }))));
    const shown = (await events(hook)).map(({ occurredAt }) => Date.parse(occurredAt) / 1000);
    expect(new Set(shown)).toEqual(new Set(times));
  });

  it('of one second are distinguished by group, link, reader and the receiver’s reply, and recognized when repeated', async () => {
    const hook = await sendgrid();
    const one = { sg_message_id: `${newId()}.r`, timestamp: NOW, useragent: 'Mozilla/5.0', ip: '203.0.113.9' };
    const batch = [
      ...[101, 102, 103].map((asm_group_id) => ({ ...one, event: 'group_unsubscribe', asm_group_id })),
      ...[0, 1].map((index) => ({ ...one, event: 'click', url: URL, url_offset: { index, type: 'html' } })),
      { ...one, event: 'open' },
      { ...one, event: 'open', ip: '203.0.113.10' },
      { ...one, event: 'open', useragent: 'Thunderbird' },
      { ...one, event: 'deferred', response: '421 later' },
      { ...one, event: 'deferred', response: '452 4.2.2 full' },
    ].map((event) => ({ email: 'ada@recipient.example', ...event }));
    const posted = () => hook.post(JSON.stringify(batch.map((event) => ({ ...event, sg_event_id: newId() }))));
    expect((await posted()).body).toEqual({ accepted: batch.length, duplicates: 0 });
    expect((await posted()).body).toEqual({ accepted: 0, duplicates: batch.length });
  });

  it('with unquoted ids of 18 digits are not confused with each other', async () => {
    const hook = await sparkpost();
    const body = [0, 1].map(
      (last) =>
        `{"msys":{"track_event":{"type":"open","event_id":71034817624000000${String(last)},"timestamp":"${String(NOW)}"}}}`,
    );
    expect((await hook.post(`[${body.join()}]`)).body).toEqual({ accepted: 2, duplicates: 0 });
    const ids = (await events(hook)).map(({ vendorEventId }) => vendorEventId);
    expect(new Set(ids)).toEqual(new Set(['710348176240000000', '710348176240000001']));
  });

  it('that report “not spam” are not complaints', async () => {
    const spark = await sparkpost();
    const types = ['abuse', 'not-spam', 'NOT-SPAM', 'opt-out', 'auth-failure'];
    const filed = types.map((fbtype, index) => ({
      msys: { message_event: { type: 'spam_complaint', event_id: String(index), timestamp: String(NOW), fbtype } },
    }));
    await spark.post(JSON.stringify(filed));
    expect(await counts(spark)).toMatchObject({ complained: 1, unsubscribed: 1, unknown: 3 });
    const smtp = await smtpcom();
    const items = ['spam', 'fraud', 'not-spam', 'remove', 'opt-out'].map((feedback_type) => ({
      event_label: 'complaint',
      id: randomBytes(16).toString('hex'),
      tracking_id: 't',
      rcpt_to: 'ada@recipient.example',
      report_time: NOW,
      feedback_type,
    }));
    await smtp.post(JSON.stringify(items));
    expect(await counts(smtp)).toMatchObject({ complained: 2, unsubscribed: 2, unknown: 1 });
  });

  it('with the same codes have the same class from every vendor', async () => {
    const grid = await sendgrid();
    await grid.post(JSON.stringify([vendorEvent('bounce', { status: '5.7.1', reason: '550 5.7.1 refused' })]));
    const gun = await mailgun();
    await gun.post(
      JSON.stringify({
        event: 'failed',
        severity: 'permanent',
        id: 'b',
        timestamp: NOW,
        'delivery-status': { code: 550, message: '550 Refused (#5.7.1)' },
      }),
    );
    for (const hook of [grid, gun]) {
      expect((await events(hook))[0].bounce).toMatchObject({ class: 'block', code: 550, enhancedCode: '5.7.1' });
    }
  });

  it('nested too deeply are rejected without affecting others', async () => {
    const hook = await sendgrid();
    const [first, last] = [vendorEvent('delivered'), vendorEvent('open')].map((event) => JSON.stringify(event));
    const deep = `{"event":"open","timestamp":${String(NOW)},"email":"a@b.example","custom":${DEEP}}`;
    const answer = await hook.post(`[${String(first)},${deep},${String(last)}]`);
    expect(answer).toMatchObject({ status: 200, body: { accepted: 2 } });
  });

  it('are found under every spelling of a recipient', async () => {
    const hook = await sendgrid();
    await hook.post(JSON.stringify([vendorEvent('click', { email: 'Click@Bücher.example', url: URL })]));
    await hook.post(JSON.stringify([vendorEvent('open', { email: 'click@xn--bcher-kva.example' })]));
    // As older versions stored it.
    await service.app
      .get(UnitOfWork)
      .write((tx) =>
        tx.query(
          `UPDATE events SET recipient = 'click@bücher.example' WHERE connection_id = '${hook.id}' AND kind = 'opened'`,
        ),
      );
    for (const recipient of ['click@bücher.example', 'click@xn--bcher-kva.example', 'CLICK@BÜCHER.EXAMPLE']) {
      expect(await events(hook, `?recipient=${encodeURIComponent(recipient)}`)).toHaveLength(2);
    }
  });
});
