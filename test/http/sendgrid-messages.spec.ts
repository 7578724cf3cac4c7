import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repeated, SANDBOX_KEYS, SendgridSandbox } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { counted } from '../support/counted.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { anyBytes, createConnection, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';

interface Vector {
  readonly name: string;
  readonly publicKey: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly bodyFile?: string;
  readonly bodyBase64?: string;
  readonly valid: boolean;
}

const VECTORS = 'libs/adapter-sendgrid/test/fixtures/signatures';
const vectors = JSON.parse(readFileSync(`${VECTORS}/vectors.json`, 'utf8')) as Vector[];

describe.each(ANY_DATABASE)('messages over SendGrid on %s', (kind) => {
  let service: TestService;
  let vendor: SendgridSandbox;

  beforeAll(async () => {
    vendor = await new SendgridSandbox().start();
    service = await TestService.start(await createDatabase(kind), { vendorEndpoints: { sendgrid: vendor.url } });
    service.watch(SANDBOX_KEYS.working);
  });

  afterAll(async () => {
    await service.stop();
    await vendor.close();
    await service.database.drop();
  });

  const connect = (webhookSigningKey = vendor.signer.publicKey): Promise<string> =>
    createConnection(service, {
      name: 'Campaigns',
      vendor: 'sendgrid',
      fromEmail: 'news@sender.example',
      fromName: 'News',
      // The bounces of one test would suppress the recipients of the next one, a moment later.
      checkSuppressions: false,
      settings: { apiKey: SANDBOX_KEYS.working, webhookSigningKey },
    });
  const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const webhookOf = (path: string): string => `${service.url}/webhooks/v2/sendgrid/${idOf(path)}`;

  async function post(path: string, events: readonly object[]): Promise<unknown> {
    const answer = await vendor.post(webhookOf(path), events);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body);
  }

  it('are the request that the vendor documents, and the signed batch that follows has their id', async () => {
    const path = await connect();
    const [file, image] = [anyBytes(2_000), anyBytes(500)];
    const sendAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const answer = await send(service, path, {
      to: [{ email: 'click@recipient.example', name: 'Ada' }, { email: 'bounce@recipient.example' }],
      cc: [{ email: 'open@recipient.example', name: 'Carl' }],
      bcc: [{ email: 'complaint@recipient.example' }],
      replyTo: [{ email: 'answers@sender.example', name: 'Answers' }, { email: 'desk@sender.example' }],
      subject: 'Grüße',
      text: 'Hello Ada',
      html: '<p>Hello <img src="cid:logo"></p>',
      headers: { 'X-Campaign': 'spring' },
      attachments: [
        { filename: 'a.bin', contentType: 'application/octet-stream', content: file.toString('base64') },
        { filename: 'logo.png', contentType: 'image/png', content: image.toString('base64'), contentId: 'logo' },
      ],
      tags: ['spring', 'news'],
      metadata: { campaign: 'c-7', order: '42' },
      sendAt: sendAt.toISOString(),
    });
    const recipients = ['click', 'bounce', 'open', 'complaint'].map((name) => `${name}@recipient.example`);
    const mail = vendor.mails.at(-1);
    expect([answer.status, answer.body]).toEqual([
      202,
      { messageId: mail?.messageId, accepted: recipients, rejected: [] },
    ]);
    const metadata = {
      campaign: 'c-7',
      order: '42',
      score_connection_id: idOf(path),
      score_message_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    };
    // https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
    expect(mail?.json).toEqual({
      personalizations: [
        {
          to: [{ email: 'click@recipient.example', name: 'Ada' }, { email: 'bounce@recipient.example' }],
          cc: [{ email: 'open@recipient.example', name: 'Carl' }],
          bcc: [{ email: 'complaint@recipient.example' }],
        },
      ],
      from: { email: 'news@sender.example', name: 'News' },
      reply_to_list: [{ email: 'answers@sender.example', name: 'Answers' }, { email: 'desk@sender.example' }],
      subject: 'Grüße',
      content: [
        { type: 'text/plain', value: 'Hello Ada' },
        { type: 'text/html', value: '<p>Hello <img src="cid:logo"></p>' },
      ],
      headers: { 'X-Campaign': 'spring' },
      attachments: [
        {
          filename: 'a.bin',
          content: file.toString('base64'),
          type: 'application/octet-stream',
          disposition: 'attachment',
        },
        {
          filename: 'logo.png',
          content: image.toString('base64'),
          type: 'image/png',
          disposition: 'inline',
          content_id: 'logo',
        },
      ],
      categories: ['spring', 'news'],
      custom_args: metadata,
      send_at: sendAt.getTime() / 1000,
    });
    expect(mail?.headers['authorization']).toBe(`Bearer ${SANDBOX_KEYS.working}`);

    const batch = vendor.eventsOf(answer.body.messageId);
    expect(await post(path, batch)).toEqual({ accepted: batch.length, duplicates: 0 });
    const events = await eventsOf(service, path);
    expect(events).toHaveLength(batch.length + recipients.length);
    for (const event of events) {
      expect(event).toMatchObject({ messageId: answer.body.messageId, attribution: 'own', tags: ['spring', 'news'] });
      expect(event.metadata).toEqual(metadata);
    }
    const kindsOf = (name: string): string[] =>
      events.filter(({ recipient }) => recipient === `${name}@recipient.example`).map(({ kind: one }) => one);
    expect(kindsOf('click').toSorted()).toEqual(['clicked', 'delivered', 'opened', 'queued', 'sent']);
    expect(kindsOf('bounce').toSorted()).toEqual(['bounced', 'queued', 'sent']);
    expect(kindsOf('complaint').toSorted()).toEqual(['complained', 'delivered', 'queued', 'sent']);
  });

  it('tell a block from a dead address', async () => {
    const path = await connect();
    const to = ['block', 'bounce', 'softbounce'].map((name) => ({ email: `${name}@recipient.example` }));
    const { messageId } = (await send(service, path, { ...HELLO, to })).body;
    await post(path, vendor.eventsOf(messageId));
    const bounces = await eventsOf(service, path, '&kind=bounced');
    const shown = bounces.map(({ recipient, bounce, attribution }) => [recipient, bounce.class, attribution]);
    expect(new Set(shown)).toEqual(
      new Set([
        ['block@recipient.example', 'block', 'own'],
        ['bounce@recipient.example', 'hard', 'own'],
        ['softbounce@recipient.example', 'soft', 'own'],
      ]),
    );
  });

  it('have their late bounces kept, ours where an id tells it and else unmatched', async () => {
    const path = await connect();
    const { messageId } = (await send(service, path, { ...HELLO, to: [{ email: 'bounce@recipient.example' }] })).body;
    // An asynchronous bounce may come without sg_message_id and custom arguments, and without smtp-id too.
    const bounce = vendor.eventsOf(messageId).find(({ event }) => event === 'bounce');
    const bare = without(bounce, 'sg_message_id', 'score_connection_id', 'score_message_id');
    const nothing = { ...without(bare, 'smtp-id'), email: 'late@recipient.example' };
    await post(path, [bare, nothing]);
    const bounces = await eventsOf(service, path, '&kind=bounced');
    const shown = bounces.map((event) => [event.recipient, event.messageId, event.bounce.class, event.attribution]);
    expect(new Set(shown)).toEqual(
      new Set([
        ['bounce@recipient.example', messageId, 'hard', 'own'],
        ['late@recipient.example', null, 'hard', 'unmatched'],
      ]),
    );
  });

  it('have their events counted once, and those of other systems and of tests not at all', async () => {
    const [path, shared] = [await connect(), await connect()];
    const counts = async () => {
      await counted(service.app);
      return (await service.call('GET', `${path}/stats`)).body.counts;
    };
    const { messageId } = (await send(service, path)).body;
    const batch = vendor.eventsOf(messageId);
    expect(await post(path, batch)).toEqual({ accepted: 2, duplicates: 0 });
    expect(await post(path, repeated(batch))).toEqual({ accepted: 0, duplicates: 2 });
    const elsewhere = (await send(service, shared)).body;
    await post(path, vendor.eventsOf(elsewhere.messageId));
    expect(await counts()).toEqual({ sent: 1, queued: 1, delivered: 1 });

    const test = await service.call('POST', `${path}/test`, { body: { to: ['tester@recipient.example'] } });
    await post(path, vendor.eventsOf(test.body.diagnosis.sent.messageId));
    await vendor.postIntegrationTest(webhookOf(path));
    expect(await counts()).toEqual({ sent: 1, queued: 1, delivered: 1 });
    const attributions = (await eventsOf(service, path, '&recipient=tester@recipient.example')).map(
      ({ attribution }) => attribution,
    );
    expect(attributions).toEqual(['test', 'test']);
  });

  it.each(vectors)('have webhooks for which the published vector $name is as published', async (vector) => {
    const { publicKey, signature, timestamp, bodyFile, bodyBase64 = '', valid } = vector;
    const body = bodyFile === undefined ? Buffer.from(bodyBase64, 'base64') : readFileSync(`${VECTORS}/${bodyFile}`);
    const path = await connect(publicKey);
    const answer = await service.call('POST', `/webhooks/v2/sendgrid/${idOf(path)}`, {
      token: null,
      headers: {
        'X-Twilio-Email-Event-Webhook-Signature': signature,
        'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
      },
      body: body.toString(),
    });
    expect([answer.status, answer.body.code ?? answer.body.accepted]).toEqual(
      valid ? [200, (JSON.parse(body.toString()) as object[]).length] : [401, 'invalid_signature'],
    );
    expect(await eventsOf(service, path)).toHaveLength(valid ? Number(answer.body.accepted) : 0);
  });
});

function without(event: object | undefined, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(event ?? {}).filter(([name]) => !names.includes(name)));
}
