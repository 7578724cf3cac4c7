import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { AdapterRegistry } from '@score-crm/connections';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { createDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { createConnection, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { VENDORS } from '../support/vendors.ts';

const FILE = { filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('x').toString('base64') };
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** Refused in the same way for every vendor, before anything is sent. */
const REFUSED: readonly (readonly [pointer: string, message: object])[] = [
  ...[
    'DKIM-Signature',
    'Received',
    'Authentication-Results',
    'ARC-Seal',
    'Return-Path',
    'Sender',
    'Resent-From',
    'Received-SPF',
    'Delivered-To',
    'Bcc',
    'From',
    'Reply-To',
    'Date',
    'MIME-Version',
    'Content-Type',
    'X-Envelope-From',
    'X-Received',
    'X-Spam-Status',
    'X-SMTPAPI',
    'X-MSYS-API',
    'X-Mailgun-Variables',
    'X-SG-EID',
    'X-PM-Tag',
    'X-SES-Source-ARN',
    'Not-In-The-Registry',
  ].map((name) => [`/headers/${name}`, { headers: { [name]: 'x' } }] as const),
  ['/headers/X-Long', { headers: { 'X-Long': 'x'.repeat(1_500) } }],
  ['/headers/Precedence', { headers: { Precedence: 'Größe' } }],
  ['/headers/List-Unsubscribe', { headers: { 'List-Unsubscribe': '<https://sender.example/größe>' } }],
  ['/headers/Disposition-Notification-To', { headers: { 'Disposition-Notification-To': 'jürgen@sender.example' } }],
  ['/headers/Auto-Submitted', { headers: { 'Auto-Submitted': 'auto-replied; owner="ü"' } }],
  ['/headers/Message-ID', { headers: { 'Message-ID': 'hello world' } }],
  ['/headers/Message-ID', { headers: { 'Message-ID': '<a@x.example> <b@x.example>' } }],
  ['/headers/References', { headers: { References: 'none' } }],
  ['/to/0/email', { to: [{ email: '"a b"@x.example' }] }],
  ['/to/0/email', { to: [{ email: 'ada@[192.0.2.1]' }] }],
  ['/to/0/email', { to: [{ email: 'ada@recipient.example.' }] }],
  ['/from/email', { from: { email: `${'ü'.repeat(33)}@sender.example` } }],
  ['/metadata/note', { metadata: { note: 'line one\nline two' } }],
  ['/metadata/note', { metadata: { note: 'a\u2028b' } }],
  ['/metadata/note', { metadata: { note: 'half \ud83d' } }],
  ['/tags/0', { tags: ['a\tb'] }],
  ['/tags/0', { tags: [' a'] }],
  ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'multipart/related' }] }],
  ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'Multipart/Mixed; boundary=x' }] }],
  ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'message/partial' }] }],
  ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'text' }] }],
  ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: '<a>b' }] }],
  ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: 'my logo' }] }],
  ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: 'größe' }] }],
];

/** The whole way of unusual messages through each vendor's sandbox. The database plays no part in it. */
describe('messages of unusual form', () => {
  let service: TestService;
  let sandboxes: Sandboxes;
  const paths = new Map<string, string>();

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 1 });
    const port = await freePort();
    service = await TestService.start(await createDatabase('SQLite'), {
      port,
      publicUrl: `http://127.0.0.1:${String(port)}`,
      vendorEndpoints: sandboxes.endpoints,
    });
    for (const vendor of VENDORS) {
      const settings: Record<string, unknown> = { ...sandboxOf(vendor).settings };
      for (const name of ['apiKey', 'password']) if (name in settings) service.keepSecret(String(settings[name]));
      const path = await createConnection(service, {
        name: vendor,
        vendor,
        settings,
        fromEmail: 'news@sender.example',
      });
      paths.set(vendor, path);
      if (service.app.get(AdapterRegistry).get(vendor).adapter.webhooks !== undefined) {
        await service.call('POST', `${path}/webhook/registration`);
      }
    }
  });
  afterAll(async () => {
    await sandboxes.close();
    await service.stop();
    await service.database.drop();
  });

  const sandboxOf = (vendor: string): VendorSandbox => sandboxes.byVendor.get(vendor) as VendorSandbox;
  const pathOf = (vendor: string): string => paths.get(vendor) ?? '';
  const sendBy = (vendor: string, message: object) => send(service, pathOf(vendor), { ...HELLO, ...message });

  describe.each(VENDORS)('through %s', (vendor) => {
    /** What the sandbox got last, a form or JSON, as JSON. */
    function wire(): string {
      const mail = sandboxOf(vendor).mails.at(-1) as unknown as Record<string, unknown>;
      if (mail['form'] instanceof FormData) return JSON.stringify([...mail['form']]);
      return JSON.stringify(mail['json']);
    }

    it('have their domain in ASCII, and are found under either spelling', async () => {
      const given = 'Click@Bücher.example';
      const answer = await sendBy(vendor, { to: [{ email: given }] });
      expect([answer.status, answer.body.accepted]).toEqual([202, [given]]);
      expect(sandboxOf(vendor).mails.at(-1)?.recipients).toEqual(['Click@xn--bcher-kva.example']);
      await sandboxes.settled();
      const byLetters = await eventsOf(
        service,
        pathOf(vendor),
        `&recipient=${encodeURIComponent('click@bücher.example')}`,
      );
      const byAscii = await eventsOf(service, pathOf(vendor), '&recipient=CLICK@xn--bcher-kva.example');
      expect(byAscii).toEqual(byLetters);
      const kinds = new Set(byLetters.map(({ kind }) => kind as string));
      expect(kinds.has('sent')).toBe(true);
      expect(new Set(byLetters.map(({ recipient }) => recipient as string)).size).toBe(1);
      if (service.app.get(AdapterRegistry).get(vendor).adapter.webhooks !== undefined && vendor !== 'smtpcom') {
        expect(kinds.has('clicked')).toBe(true);
      }
    });

    it('are sent with names, headers and attachments that the vendor accepts', async () => {
      const answer = await sendBy(vendor, {
        to: [{ email: 'ada@recipient.example', name: 'Lovelace, Ada' }],
        cc: [{ email: 'bob@recipient.example', name: 'Dr. "Bob"; \\ B <x>' }],
        headers: {
          'X-Name': 'Größe',
          'List-Id': '"Score News" <news.sender.example>',
          References: 'bare@x.example <b@x.example>',
          'X-Priority': '1',
        },
        attachments: [
          { ...FILE, contentType: 'text/csv; charset=utf-8' },
          { ...FILE, filename: 'i.ics', contentType: 'text/calendar; method=REQUEST' },
          { ...FILE, filename: 'Größe.pdf', contentType: 'application/pdf; name="Größe.PDF"' },
          { ...FILE, filename: 'logo.png', contentType: 'image/png', contentId: '<logo>' },
        ],
      });
      expect([answer.status, answer.body.code]).toEqual([202, undefined]);
      if (vendor === 'smtp') return;
      const sent = wire();
      expect(sent).toContain('=?UTF-8?B?R3LDtsOfZQ==?=');
      expect(sent.replaceAll('\\"', '"')).toContain('"Score News" <news.sender.example>');
      expect(sent).toContain('<bare@x.example> <b@x.example>');
      expect(sent).not.toContain('<logo>');
      const { fileTypes } = sandboxOf(vendor).mails.at(-1) as { readonly fileTypes?: readonly string[] };
      if (fileTypes !== undefined) {
        expect(fileTypes.slice(0, 3)).toEqual([
          'text/csv; charset=utf-8',
          'text/calendar; method=REQUEST',
          'application/pdf; name="Größe.PDF"',
        ]);
      }
    });

    it.each(REFUSED)('are refused at %s', async (pointer, message) => {
      const before = sandboxOf(vendor).mails.length;
      const { status, body } = await sendBy(vendor, message);
      expect(status).toBe(422);
      const pointers = [body.error?.pointer, ...(body.errors ?? []).map((one: { pointer: string }) => one.pointer)];
      expect(pointers.filter(Boolean)).toEqual([pointer]);
      expect(sandboxOf(vendor).mails).toHaveLength(before);
    });

    it.each([
      ['/to/1/email', { to: [{ email: 'ada@recipient.example' }, { email: 'jürgen@recipient.example' }] }],
      ['/from/email', { from: { email: 'grüße@sender.example' } }],
      ['/replyTo/0/email', { replyTo: [{ email: 'grüße@sender.example' }] }],
      ['/headers/References', { headers: { References: '<größe@x.example>' } }],
    ])('are unsupported at %s, and never held against the address', async (pointer, message) => {
      // The SMTP sandbox supports them; servers that do not are in the adapter's own tests.
      if (vendor === 'smtp') return;
      const { status, body } = await sendBy(vendor, message);
      expect([status, body.code, body.error.code, body.error.pointer]).toEqual([
        422,
        'send_failed',
        'unsupported',
        pointer,
      ]);
      expect(
        await eventsOf(service, pathOf(vendor), `&recipient=${encodeURIComponent('jürgen@recipient.example')}`),
      ).toEqual([]);
    });
  });

  it.each([
    ['a long line', `Subject: x\r\n\r\n${'x'.repeat(2_000)}\r\n`],
    ['lines that end with a carriage return alone', 'Subject: x\r\rHello\r'],
    ['a carriage return too many', 'Subject: x\r\n\r\nHello\r\r\n'],
    ['a carriage return at its end', 'Subject: x\r\n\r\nHello\r'],
  ])('refuse %s in an attached message', async (_what, text) => {
    const attachments = [{ filename: 'a.eml', contentType: 'message/rfc822', content: base64(text) }];
    for (const vendor of VENDORS.filter((one) => one !== 'smtpcom')) {
      const { status, body } = await sendBy(vendor, { attachments });
      expect([status, body.error?.pointer]).toEqual([422, '/attachments/0/content']);
    }
  });

  it('take line feeds alone in an attached message', async () => {
    const attachments = [
      { filename: 'a.eml', contentType: 'message/rfc822', content: base64('Subject: x\n\nHello\n') },
    ];
    for (const vendor of VENDORS.filter((one) => one !== 'smtpcom')) {
      expect((await sendBy(vendor, { attachments })).status).toBe(202);
    }
  });

  it.each(['"a b"@x.example', 'a@b', 'Ada <a@b.example>', 'a@b.example.', `${'ü'.repeat(33)}@b.example`])(
    'a sender %s is refused when it is saved, tested or used, with one rule',
    async (email) => {
      const settings = sandboxOf('sendgrid').settings;
      const body = { name: 'x', vendor: 'sendgrid', settings, fromEmail: email };
      const saved = await service.call('POST', '/api/v1/connections', { body });
      expect([saved.status, saved.body.errors[0].pointer]).toEqual([422, '/fromEmail']);
      const tested = await service.call('POST', `${pathOf('sendgrid')}/test`, { body: { to: [email] } });
      expect([tested.status, tested.body.errors[0].pointer]).toEqual([422, '/to/0']);
      const sent = await sendBy('sendgrid', { from: { email } });
      expect([sent.status, sent.body.errors[0].pointer]).toEqual([422, '/from/email']);
    },
  );
});
