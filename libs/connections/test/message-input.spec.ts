import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectionsService, EmailSender, MESSAGE_LIMITS } from '../src/index.ts';
import { CourierAdapter, COURIERS } from './support/courier-vendor.ts';
import { faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const ADA = { email: 'ada@recipient.example' };
const HELLO = { to: [ADA], subject: 'Hello', text: 'Hello Ada' };
const FILE = { filename: 'a.txt', contentType: 'text/plain', content: 'aGVsbG8=' };
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const names = (count: number) => Object.fromEntries(many(count, 0).map((_, index) => [`n${String(index)}`, 'x']));

describe('a message that is to be sent', () => {
  let module: TestModule;
  let sender: EmailSender;
  let courier: CourierAdapter;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start('SQLite', { providers: COURIERS });
    sender = module.app.get(EmailSender);
    courier = module.app.get(CourierAdapter);
    const input = { name: 'Post', vendor: 'courier', fromEmail: 'news@sender.example', settings: { password: 'open' } };
    id = (await module.app.get(ConnectionsService).create(CALLER, input)).id;
  });

  afterAll(() => module.end());

  it.each<[string, any, readonly string[]]>([
    ['nothing', undefined, [' wrong_type']],
    ['null', null, [' wrong_type']],
    ['text', 'Hello', [' wrong_type']],
    ['an array', [HELLO], [' wrong_type']],
    ['an empty object', {}, ['/to required', '/subject required', '/text required']],
    ['an unknown member', { ...HELLO, colour: 'red' }, ['/colour unknown_field']],
    ['a member named a/b~c', { ...HELLO, 'a/b~c': 1 }, ['/a~1b~0c unknown_field']],
    ['a member named constructor', { ...HELLO, constructor: 1 }, ['/constructor unknown_field']],
    [
      'a member named __proto__',
      JSON.parse('{"to":[],"__proto__":{}}'),
      ['/to required', '/subject required', '/__proto__ not_allowed', '/text required'],
    ],
    ['a recipient as text', { ...HELLO, to: ['ada@recipient.example'] }, ['/to/0 wrong_type']],
    ['one recipient without an array', { ...HELLO, to: ADA }, ['/to wrong_type']],
    ['no recipient', { ...HELLO, to: [] }, ['/to required']],
    ['no address', { ...HELLO, cc: [ADA, { name: 'Bob' }] }, ['/cc/1/email required']],
    ['two addresses in one', { ...HELLO, bcc: [{ email: 'a@b.example,c@d.example' }] }, ['/bcc/0/email invalid_email']],
    [
      'an address with a name',
      { ...HELLO, replyTo: [{ email: 'Ada <a@b.example>' }] },
      ['/replyTo/0/email invalid_email'],
    ],
    [
      'an address with a line break',
      { ...HELLO, to: [{ email: 'a@b.example\r\nX: y' }] },
      ['/to/0/email control_character'],
    ],
    ['an address that is a number', { ...HELLO, to: [{ email: 7 }] }, ['/to/0/email wrong_type']],
    [
      'a name with a line break',
      { ...HELLO, to: [{ ...ADA, name: 'A\nBcc: b@c.example' }] },
      ['/to/0/name control_character'],
    ],
    ['a name of 201 characters', { ...HELLO, from: { ...ADA, name: 'n'.repeat(201) } }, ['/from/name too_long']],
    ['a mailbox with another member', { ...HELLO, to: [{ ...ADA, group: 'x' }] }, ['/to/0/group unknown_field']],
    ['a sender as text', { ...HELLO, from: 'news@sender.example' }, ['/from wrong_type']],
    ['1,001 recipients', { ...HELLO, to: many(1_001, ADA) }, ['/to too_many']],
    [
      '1,001 recipients together',
      { ...HELLO, to: many(500, ADA), cc: many(300, ADA), bcc: many(201, ADA) },
      ['/to too_many'],
    ],
    ['a subject with a line break', { ...HELLO, subject: 'Hello\r\nBcc: b@c.example' }, ['/subject control_character']],
    ['a subject of 999 characters', { ...HELLO, subject: 's'.repeat(999) }, ['/subject too_long']],
    ['half a character', { ...HELLO, subject: 'a\ud83d', html: 'b\ude00' }, ['/subject invalid', '/html invalid']],
    ['neither text nor HTML', { ...HELLO, text: '' }, ['/text required']],
    ['a text that is none', { ...HELLO, text: ['Hello'] }, ['/text wrong_type']],
    ['more text than there is room for', { ...HELLO, html: 'x'.repeat(MESSAGE_LIMITS.text + 1) }, ['/html too_long']],
    ['headers as an array', { ...HELLO, headers: ['X-A: b'] }, ['/headers wrong_type']],
    ['a header that is a number', { ...HELLO, headers: { 'X-A': 1 } }, ['/headers/X-A wrong_type']],
    [
      'a header with a line break',
      { ...HELLO, headers: { 'X-A': 'b\r\nBcc: c@d.example' } },
      ['/headers/X-A control_character'],
    ],
    [
      'a header of ours',
      { ...HELLO, headers: { 'x-score-message-id': 'mine' } },
      ['/headers/x-score-message-id reserved'],
    ],
    ['51 headers', { ...HELLO, headers: names(51) }, ['/headers too_many']],
    [
      'an attachment without a name',
      { ...HELLO, attachments: [{ ...FILE, filename: '' }] },
      ['/attachments/0/filename required'],
    ],
    [
      'an attachment without content',
      { ...HELLO, attachments: [{ ...FILE, content: undefined }] },
      ['/attachments/0/content required'],
    ],
    [
      'an attachment that names a file of ours',
      { ...HELLO, attachments: [{ ...FILE, path: '/etc/passwd' }] },
      ['/attachments/0/path unknown_field'],
    ],
    [
      'content that is no base64',
      { ...HELLO, attachments: [{ ...FILE, content: 'hello!' }] },
      ['/attachments/0/content invalid_base64'],
    ],
    [
      'base64 with a line break',
      { ...HELLO, attachments: [{ ...FILE, content: 'aGVs\r\nbG8=' }] },
      ['/attachments/0/content invalid_base64'],
    ],
    [
      'base64 without its padding',
      { ...HELLO, attachments: [{ ...FILE, content: 'aGVsbG8' }] },
      ['/attachments/0/content invalid_base64'],
    ],
    [
      'content that is an object',
      { ...HELLO, attachments: [{ ...FILE, content: { type: 'Buffer', data: [1] } }] },
      ['/attachments/0/content wrong_type'],
    ],
    ['51 attachments', { ...HELLO, attachments: many(51, FILE) }, ['/attachments too_many']],
    [
      'attachments that are too large together',
      {
        ...HELLO,
        attachments: many(2, { ...FILE, content: Buffer.alloc(MESSAGE_LIMITS.attachedBytes / 2 + 1) }),
      },
      ['/attachments too_large'],
    ],
    ['21 tags', { ...HELLO, tags: many(21, 'a') }, ['/tags too_many']],
    ['a tag that is a number', { ...HELLO, tags: ['a', 7] }, ['/tags/1 wrong_type']],
    ['an empty tag', { ...HELLO, tags: [''] }, ['/tags/0 required']],
    ['metadata that is a number', { ...HELLO, metadata: { order: 7 } }, ['/metadata/order wrong_type']],
    ['nested metadata', { ...HELLO, metadata: { order: { id: '7' } } }, ['/metadata/order wrong_type']],
    [
      'metadata of ours',
      { ...HELLO, metadata: { score_connection_id: 'x', Score_message_id: 'y', score: 'z' } },
      ['/metadata/score_connection_id reserved', '/metadata/Score_message_id reserved'],
    ],
    ['51 metadata', { ...HELLO, metadata: names(51) }, ['/metadata too_many']],
    [
      'metadata that are too large together',
      { ...HELLO, metadata: { a: 'x'.repeat(6_000), b: 'y'.repeat(6_000) } },
      ['/metadata too_large'],
    ],
    ['a time that is a number', { ...HELLO, sendAt: 1_755_444_161 }, ['/sendAt invalid_time']],
    ['a time without its zone', { ...HELLO, sendAt: '2030-01-01T08:00:00' }, ['/sendAt invalid_time']],
    ['a day that there is not', { ...HELLO, sendAt: '2030-02-30T08:00:00Z' }, ['/sendAt invalid_time']],
    ['a time that is none', { ...HELLO, sendAt: new Date(Number.NaN) }, ['/sendAt invalid_time']],
  ])('may not be or have %s', async (_name, input, faults) => {
    const before = courier.calls.length;
    expect(await faultsOf(sender.send(CALLER, id, input))).toEqual(faults);
    expect(courier.calls).toHaveLength(before);
  });

  it('has every fault named, and not more than a hundred', async () => {
    const input: any = { to: many(200, { email: 'x' }), subject: 7, tags: 'a' };
    const faults = await faultsOf(sender.send(CALLER, id, input));
    expect(faults).toHaveLength(100);
    expect(await faultsOf(sender.send(CALLER, id, { ...input, to: [ADA, { email: 'x' }], sendAt: 'now' }))).toEqual([
      '/to/1/email invalid_email',
      '/subject wrong_type',
      '/tags wrong_type',
      '/sendAt invalid_time',
      '/text required',
    ]);
  });

  it('rejects null, and takes undefined for absent', async () => {
    const names = ['from', 'cc', 'html', 'headers', 'tags', 'metadata', 'sendAt'];
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    expect(await faultsOf(sender.send(CALLER, id, { ...HELLO, ...nulls } as any))).toEqual(
      ['from', 'cc', 'html', 'headers', 'tags', 'metadata', 'sendAt'].map((name) => `/${name} wrong_type`),
    );
    await sender.send(CALLER, id, { ...HELLO, ...Object.fromEntries(names.map((name) => [name, undefined])) });
    expect(courier.calls.at(-1)?.message).toEqual({
      ...HELLO,
      from: { email: 'news@sender.example' },
      headers: expect.any(Object),
    });
  });

  it('is taken as JSON has it, and as a program has it', async () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    const whole = {
      ...HELLO,
      from: { email: 'ceo@sender.example', name: 'Zoë' },
      cc: [{ email: 'bob@recipient.example', name: '' }],
      html: 'line\r\n\tline\u0092',
      tags: ['spring', 'весна'],
    };
    const file = { filename: 'данные.bin', contentType: 'application/octet-stream', contentId: 'logo' };
    const asJson = {
      ...whole,
      attachments: [
        { ...file, content: bytes.toString('base64') },
        { ...file, content: '' },
      ],
      sendAt: '2030-01-01T09:00:00.5+01:00',
    };
    const asProgram = {
      ...whole,
      attachments: [
        { ...file, content: bytes },
        { ...file, content: new Uint8Array() },
      ],
      sendAt: new Date('2030-01-01T08:00:00.500Z'),
    };
    for (const input of [asJson, asProgram]) {
      await sender.send(CALLER, id, input);
      const { attachments, headers: _ours, ...rest } = courier.calls.at(-1)?.message ?? {};
      expect(rest).toEqual({ ...whole, sendAt: asProgram.sendAt });
      expect(attachments?.map(({ content }) => [...content])).toEqual([[0, 1, 254, 255], []]);
      expect(attachments?.[0]).toMatchObject(file);
    }
  });
});
