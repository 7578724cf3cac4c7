import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails, EmailMessage } from '@score-crm/adapter-kit';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';
import { SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const INJECTION = 'x\r\nBcc: victim@example.org';
const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

let sandbox: SparkpostSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SparkpostSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function many(count: number, name = 'r'): { email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `${name}${String(index)}@recipient.example` }));
}

function hours(count: number): Date {
  return new Date(Date.now() + count * 3_600_000);
}

async function refusal(overrides: Partial<EmailMessage>): Promise<AdapterErrorDetails> {
  const before = sandbox.requests;
  const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
  expect(sandbox.requests).toBe(before);
  expect(failure.retryable).toBe(false);
  expect(failure.hint).toMatch(/^[A-Z].{10,}\.$/);
  return failure;
}

describe('nothing is dropped or changed silently', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/tags', { tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) }],
    ['/tags/1', { tags: ['a', ''] }],
    ['/metadata', { metadata: { big: 'x'.repeat(1_000) } }],
    ['/metadata', { metadata: { big: 'ü'.repeat(500) } }],
    ['/sendAt', { sendAt: hours(73) }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: 'ü'.repeat(128) }] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: 'x'.repeat(256) }] }],
    ['/headers/List-Unsubscribe', { headers: { 'List-Unsubscribe': '<https://sender.example/u>' } }],
    ['/headers/list-unsubscribe-post', { headers: { 'list-unsubscribe-post': 'List-Unsubscribe=One-Click' } }],
    ['/from/email', { from: { email: '{{x}}@sender.example' } }],
    ['/to/1/name', { to: [{ email: 'a@b.example' }, { email: 'c@b.example', name: '{{name}}' }] }],
    ['/to/0/email', { to: [{ email: '{{x}}@b.example' }] }],
    ['/cc/0/email', { cc: [{ email: '{{x}}@b.example' }] }],
    ['/bcc/0/email', { bcc: [{ email: '{{x}}@b.example' }] }],
    ['/replyTo/0/email', { replyTo: [{ email: '{{x}}@b.example' }] }],
    ['/headers/X-{{a}}', { headers: { 'X-{{a}}': 'b' } }],
  ])('%s is unsupported', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'unsupported', pointer });
  });

  it('but messages at the limits are sent', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => `tag ${String(index)}`);
    const metadata = { big: 'x'.repeat(1_000 - JSON.stringify({ big: '' }).length) };
    const subject = 'Single { braces } are fine, and so is }}';
    await adapter.send(
      plainMessage({
        to: many(500),
        bcc: many(500, 'b'),
        subject,
        tags: [...tags, 'tag 0'],
        metadata,
        sendAt: hours(71),
      }),
      settings(),
    );
    const { json, recipients } = sandbox.mails.at(-1) ?? {};
    expect(recipients).toHaveLength(1000);
    expect(json).toMatchObject({ metadata, content: { subject } });
    expect(json?.recipients.every((recipient) => recipient.tags?.length === 10)).toBe(true);
  });
});

describe('what SparkPost would reject, or do twice, is rejected before sending', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/cc/0/email', { cc: [{ email: 'ADA@recipient.example' }] }],
    ['/to/1/email', { to: [{ email: 'a@b.example' }, { email: 'a@b.example' }] }],
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
    ['/headers/Cc', { headers: { Cc: 'x@example.com' } }],
    ['/headers/Content-Type', { headers: { 'Content-Type': 'text/plain' } }],
    ['/headers/x-a', { headers: { 'X-A': 'b', 'x-a': 'c' } }],
    ['/headers/X-A', { headers: { 'X-A': INJECTION } }],
    ['/headers/X A', { headers: { 'X A': 'b' } }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: '' }] }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: INJECTION }] }],
    ['/attachments/1/content', { attachments: [FILE, { ...FILE, content: new Uint8Array() }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'pdf' }] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: '' }] }],
    [
      '/attachments/1/contentId',
      {
        attachments: [
          { ...FILE, contentId: 'a' },
          { ...FILE, contentId: 'a' },
        ],
      },
    ],
    ['/metadata/', { metadata: { '': 'x' } }],
    ['/metadata/a', { metadata: { a: 5 as unknown as string } }],
    ['/sendAt', { sendAt: new Date(Number.NaN) }],
  ])('%s', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'invalid_request', pointer });
  });

  it('content that is too large', async () => {
    const attachments = [{ ...FILE, content: Buffer.alloc(15_000_000) }];
    expect(await refusal({ attachments })).toMatchObject({ code: 'message_too_large', fault: 'configuration' });
    expect(await refusal({ html: 'x'.repeat(20_000_001) })).toMatchObject({ code: 'message_too_large' });
  });

  it('a To line that makes the request too large', async () => {
    const to = many(1000).map((mailbox) => ({ ...mailbox, name: 'A long name '.repeat(4) }));
    expect((await refusal({ to })).hint).toContain('recipients');
  });
});
