import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';
import { SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };
/** The maximum amount of metadata. */
const LONGEST = 'x'.repeat(987 - '{ "unique_args": { "big": "" } }'.length);

let sandbox: SmtpcomSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function many(count: number): { email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
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
    ['/tags', { tags: ['welcome'] }],
    ['/sendAt', { sendAt: new Date(Date.now() + 60_000) }],
    ['/sendAt', { sendAt: new Date(0) }],
    ['/sendAt', { sendAt: new Date(Number.NaN) }],
    ['/replyTo/1', { replyTo: [{ email: 'a@example.com' }, { email: 'b@example.com' }] }],
    ['/attachments/1/contentType', { attachments: [FILE, { ...FILE, contentType: 'message/rfc822' }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'Message/RFC822; x=y' }] }],
    ['/metadata/id', { metadata: { id: 'x' } }],
    ['/metadata/subject', { metadata: { subject: 'x' } }],
    ['/metadata/rcpt_to', { metadata: { fine: 'x', rcpt_to: 'x' } }],
    ['/metadata/event_label', { metadata: { event_label: 'x' } }],
    ['/metadata/tracking_id', { metadata: { tracking_id: 'x' } }],
    ['/metadata/time_finished', { metadata: { time_finished: 'x' } }],
    ['/metadata/timestamp', { metadata: { timestamp: 'x' } }],
    ['/metadata/resp_anything', { metadata: { resp_anything: 'x' } }],
    ['/metadata/user_agent', { metadata: { user_agent: 'x' } }],
    ['/metadata', { metadata: { big: `${LONGEST}x` } }],
    ['/metadata', { metadata: { big: 'ü'.repeat(170) } }],
  ])('%s is unsupported', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'unsupported', stage: 'message', pointer });
  });

  it('but messages at the limits are sent', async () => {
    const subject = 's'.repeat(998);
    await adapter.send(plainMessage({ to: many(1000), subject, tags: [], metadata: { big: LONGEST } }), settings());
    const { json } = sandbox.mails.at(-1) ?? {};
    expect(json?.subject).toBe(subject);
    expect(json?.custom_headers?.['X-SMTPAPI']).toHaveLength(987);
  });
});

describe('what SMTP.com would reject is rejected before sending', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/to', { to: many(999), cc: [{ email: 'c@b.example' }], bcc: [{ email: 'd@b.example' }] }],
    ['/subject', { subject: 's'.repeat(999) }],
    ['/headers/X-SMTPAPI', { headers: { 'X-SMTPAPI': '{"unique_args":{"a":"b"}}' } }],
    ['/headers/X-SMTPCOM-Tracking-Number', { headers: { 'X-SMTPCOM-Tracking-Number': 'x' } }],
  ])('%s', async (pointer, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'invalid_request', pointer });
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['with its attachments', { attachments: [{ ...FILE, content: Buffer.alloc(7_400_000) }] }],
    ['by its text', { html: 'ü'.repeat(3_700_000) }],
    ['by both', { text: 'x'.repeat(4_000_000), attachments: [{ ...FILE, content: Buffer.alloc(4_000_000) }] }],
  ])('a message that is too large %s', async (_how, overrides) => {
    expect(await refusal(overrides)).toMatchObject({ code: 'message_too_large', fault: 'configuration' });
  });
});
