import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';
import { SendgridSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const INJECTION = 'x\r\nBcc: victim@example.org';
const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

let sandbox: SendgridSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SendgridSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function many(count: number): { email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
}

function hours(count: number): Date {
  return new Date(Date.now() + count * 3_600_000);
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
    ['/tags/1', { tags: ['a', 'x'.repeat(256)] }],
    ['/tags/0', { tags: [''] }],
    ['/metadata/email', { metadata: { email: 'x' } }],
    ['/metadata/event', { metadata: { event: 'x' } }],
    ['/metadata/smtp-id', { metadata: { 'smtp-id': 'x' } }],
    ['/metadata/sg_anything', { metadata: { sg_anything: 'x' } }],
    ['/metadata/type', { metadata: { fine: 'x', type: 'x' } }],
    ['/metadata', { metadata: { big: 'x'.repeat(10_000) } }],
    ['/sendAt', { sendAt: hours(73) }],
  ])('%s is unsupported', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'unsupported', stage: 'message', pointer });
  });

  it('but messages at the limits are sent', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => String(index).repeat(255));
    const metadata = { big: 'x'.repeat(9_000) };
    await adapter.send(plainMessage({ to: many(1000), tags, metadata, sendAt: hours(71) }), settings());
    expect(sandbox.mails.at(-1)?.json).toMatchObject({ categories: tags, custom_args: metadata });
  });
});

describe('what SendGrid would reject is rejected before sending', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/cc/0/email', { cc: [{ email: 'ADA@recipient.example' }] }],
    ['/bcc/0/email', { bcc: [{ email: 'ada@recipient.example' }] }],
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
    ['/headers/X-SG-EID', { headers: { 'X-SG-EID': 'x' } }],
    ['/headers/x-a', { headers: { 'X-A': 'b', 'x-a': 'c' } }],
    ['/headers/X-A', { headers: { 'X-A': INJECTION } }],
    ['/headers/X A', { headers: { 'X A': 'b' } }],
    ['/headers/', { headers: { '': 'b' } }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: '' }] }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: INJECTION }] }],
    ['/attachments/1/content', { attachments: [FILE, { ...FILE, content: new Uint8Array() }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'pdf' }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'text/plain; a=\r\nX: y' }] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: '' }] }],
    ['/metadata/', { metadata: { '': 'x' } }],
    ['/metadata/a', { metadata: { a: 5 as unknown as string } }],
    ['/sendAt', { sendAt: new Date(Number.NaN) }],
  ])('%s', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'invalid_request', pointer });
  });

  it('a message that is too large', async () => {
    const attachments = [{ ...FILE, content: Buffer.alloc(15_000_000) }];
    expect(await refusal({ attachments })).toMatchObject({ code: 'message_too_large', fault: 'configuration' });
  });

  it('and what the vendor’s library rejects', async () => {
    const failure = await refusal({ subject: 5 as unknown as string });
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'message' });
  });
});
