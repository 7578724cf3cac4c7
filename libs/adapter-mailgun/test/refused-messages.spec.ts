import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';
import { MailgunSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const INJECTION = 'x\r\nBcc: victim@example.org';
const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

let sandbox: MailgunSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await MailgunSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function many(count: number): { email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
}

function days(count: number): Date {
  return new Date(Date.now() + count * 24 * 3_600_000);
}

async function refusal(overrides: Partial<EmailMessage>): Promise<unknown> {
  const before = sandbox.requests;
  const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
  expect(sandbox.requests).toBe(before);
  expect(failure.retryable).toBe(false);
  expect(failure.hint).toMatch(/^[A-Z].{10,}\.$/);
  return failure;
}

describe('nothing is dropped silently', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/tags', { tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) }],
    ['/tags/1', { tags: ['a', 'x'.repeat(129)] }],
    ['/tags/0', { tags: [''] }],
    ['/tags/0', { tags: ['Frühling'] }],
    ['/metadata', { metadata: { big: 'x'.repeat(4_000) } }],
    ['/metadata', { metadata: { big: '😀'.repeat(1_000) } }],
    ['/headers', { headers: { 'X-A': 'x '.repeat(8_000) + 'x' } }],
    ['/replyTo', { replyTo: many(800) }],
    ['/sendAt', { sendAt: days(7.1) }],
    ['/from/email', { from: { email: 'grüße@sender.example' } }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: 'a "b".txt' }] }],
  ])('%s is unsupported', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'unsupported', pointer });
  });

  it('but messages at the limits are sent', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => String(index).repeat(128));
    const metadata = { big: 'x'.repeat(3_900) };
    const headers = { 'X-A': 'x '.repeat(5_000) + 'x' };
    await adapter.send(plainMessage({ to: many(1000), tags, metadata, headers, sendAt: days(6.9) }), settings());
    const form = sandbox.mails.at(-1)?.form;
    expect(form?.getAll('o:tag')).toEqual(tags);
    expect([form?.get('v:big'), form?.get('h:X-A')]).toEqual([metadata.big, headers['X-A']]);
    expect(sandbox.mails.at(-1)?.recipients).toHaveLength(1000);
  });
});

describe('what Mailgun would reject is rejected before sending', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/cc/0/email', { cc: [{ email: 'ADA@recipient.example' }] }],
    ['/to', { to: [] }],
    ['/to', { to: [], cc: [{ email: 'a@b.example' }] }],
    ['/to', { to: many(999), cc: [{ email: 'c@b.example' }, { email: 'd@b.example' }] }],
    ['/to/0/email', { to: [{ email: 'A <a@example.com>' }] }],
    ['/to/0/email', { to: [{ email: 'a@example.com, b@example.com' }] }],
    ['/to/0/name', { to: [{ email: 'a@example.com', name: INJECTION }] }],
    ['/from/email', { from: { email: 'nobody' } }],
    ['/from/name', { from: { email: 'a@example.com', name: INJECTION } }],
    ['/replyTo/1/email', { replyTo: [{ email: 'a@example.com' }, { email: '' }] }],
    ['/subject', { subject: '' }],
    ['/subject', { subject: INJECTION }],
    ['/text', { text: '' }],
    ['/headers/Subject', { headers: { Subject: 'x' } }],
    ['/headers/bcc', { headers: { bcc: 'x@example.com' } }],
    ['/headers/Message-ID', { headers: { 'Message-ID': '<a@example.com>' } }],
    ['/headers/X-Mailgun-Variables', { headers: { 'X-Mailgun-Variables': '{}' } }],
    ['/headers/x-mailgun-drop-message', { headers: { 'x-mailgun-drop-message': 'yes' } }],
    ['/tags/0', { tags: ['a\nb'] }],
    ['/tags/0', { tags: [' a'] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: 'a"b' }] }],
    ['/headers/x-a', { headers: { 'X-A': 'b', 'x-a': 'c' } }],
    ['/headers/X-A', { headers: { 'X-A': INJECTION } }],
    ['/headers/X A', { headers: { 'X A': 'b' } }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: '' }] }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: INJECTION }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'pdf' }] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: '' }] }],
    ['/metadata/', { metadata: { '': 'x' } }],
    ['/metadata/a', { metadata: { a: 5 as unknown as string } }],
    ['/metadata/a\nb', { metadata: { 'a\nb': 'x' } }],
    ['/sendAt', { sendAt: new Date(Number.NaN) }],
  ])('%s', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'invalid_request', pointer });
  });

  it.each([
    ['with its attachments', { attachments: [{ ...FILE, content: Buffer.alloc(18_400_000) }] }],
    ['with its text', { text: 'x'.repeat(25_000_001) }],
  ])('a message that is too large %s', async (_what, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'message_too_large', fault: 'configuration' });
  });

  it('but not one that is almost as large as Mailgun allows', async () => {
    const content = Buffer.alloc(18_000_000, 'x');
    await adapter.send(plainMessage({ attachments: [{ ...FILE, content }] }), settings());
    expect(sandbox.mails.at(-1)?.form.get('attachment')).toMatchObject({ size: 18_000_000 });
  });
});
