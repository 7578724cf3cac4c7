import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import { messageBytes } from '../src/smtp.mime.ts';

const BYTES = Buffer.from(Array.from({ length: 1_000 }, (_, index) => (index * 7) % 256));

it.each<[string, MailComposerOptions]>([
  ['a text', { text: 'Hello' }],
  ['a text without its last line break', { text: 'a\nb\r\nc' }],
  ['an empty text', { text: '' }],
  ['a long text', { text: 'Hello '.repeat(5_000) }],
  ['a text beyond ASCII', { text: 'Größe \n.\n..\r\n 你好 '.repeat(300) }],
  ['a text of another alphabet', { text: '你好'.repeat(3_000) }],
  ['HTML', { html: `<p>${'ü'.repeat(200)}</p>` }],
  ['a text and HTML', { text: 'Hello', html: '<p>Hello</p>' }],
  [
    'attachments',
    {
      text: 'Hello',
      attachments: [
        { filename: 'a.bin', content: BYTES },
        { filename: 'b.txt', content: 'b' },
      ],
    },
  ],
  [
    'an inline image',
    { html: '<img src="cid:logo">', attachments: [{ content: BYTES, cid: 'logo', contentDisposition: 'inline' }] },
  ],
  ['an empty attachment', { text: 'Hello', attachments: [{ filename: 'empty', content: Buffer.alloc(0) }] }],
  [
    'an attached message',
    { text: 'Hello', attachments: [{ content: 'Subject: x\n\nHi', contentType: 'message/rfc822' }] },
  ],
])('%s has the bytes that nodemailer builds', async (_what, options) => {
  const node = new MailComposer({
    from: 'a@sender.example',
    to: 'b@recipient.example',
    subject: 'Grüße',
    ...options,
  }).compile();
  const bytes = messageBytes(node);
  expect(bytes.toString('latin1')).toBe((await node.build()).toString('latin1'));
});
