import { describe, expect, it } from '@jest/globals';
import {
  base64Of,
  capabilitiesOf,
  checkMessage,
  checkSize,
  type EmailMessage,
  jsonSize,
  type MessageRules,
  mimeSize,
  omitEmpty,
  refuseMember,
} from '@score-crm/adapter-kit';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';

const BASE: MessageRules = { vendor: 'Acme', recipients: 3, bytes: 1_000 };
const FULL: MessageRules<{ strict: boolean }> = {
  ...BASE,
  subjectCharacters: 10,
  replyTo: 1,
  tags: { max: 2, characters: 5, ascii: true },
  metadata: { entries: 2, keyCharacters: 4, valueCharacters: 6, bytes: 30, isReserved: (name) => name === 'id' },
  schedule: { maxMs: 1_000, limit: '1 second ahead' },
  reservedHeaders: /^x-acme-/,
  emptyAttachments: false,
  fileNames: { refused: /\.exe$/, hint: 'Acme does not accept programs. Remove it.' },
  mediaTypes: { refused: /^text\/x-/, hint: 'Acme does not accept this type. Send another.' },
  more: ({ subject }, { strict }) => {
    if (strict && subject === 'Bad') refuseMember('message_rejected', ['subject'], 'Bad. Change it.');
  },
};
const NOW = 1_000_000;
const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

function check(overrides: Partial<EmailMessage>, rules: MessageRules<{ strict: boolean }> = FULL, strict = true): void {
  checkMessage(plainMessage({ subject: 'Hi', ...overrides }), rules, { strict }, NOW);
}

async function refusal(overrides: Partial<EmailMessage>, rules?: MessageRules<{ strict: boolean }>) {
  return failureOf((async () => check(overrides, rules))());
}

function many(count: number): { email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
}

describe('a message', () => {
  it('at all limits passes', () => {
    check({
      to: many(3),
      subject: 's'.repeat(10),
      replyTo: many(1),
      tags: ['a', 'a', 'five!'],
      metadata: { four: 'sixsix', b: '' },
      sendAt: new Date(NOW + 1_000),
      headers: { 'X-Other': 'a' },
      attachments: [FILE],
    });
  });

  it.each<[string, Partial<EmailMessage>, string]>([
    ['/to', { to: many(4) }, 'invalid_request'],
    ['/to/1/email', { to: [{ email: 'a@b.example' }, { email: 'A@b.example' }] }, 'invalid_request'],
    ['/from/email', { from: { email: 'x' } }, 'invalid_request'],
    ...['cc', 'bcc', 'replyTo'].flatMap((list): [string, Partial<EmailMessage>, string][] => [
      [`/${list}/0/email`, { [list]: [{ email: 'x' }] }, 'invalid_request'],
      [`/${list}/0/name`, { [list]: [{ email: 'x@b.example', name: 'A\nB' }] }, 'invalid_request'],
      [`/${list}/0/email`, { [list]: [{ email: 'jörg@b.example' }] }, 'unsupported'],
    ]),
    ['/subject', { subject: '' }, 'invalid_request'],
    ['/subject', { subject: 's'.repeat(11) }, 'invalid_request'],
    ['/subject', { subject: 'Bad' }, 'message_rejected'],
    ['/text', { text: '' }, 'invalid_request'],
    ['/to/0/email', { to: [{ email: 'jörg@b.example' }] }, 'unsupported'],
    ['/replyTo/1', { replyTo: many(2) }, 'unsupported'],
    ['/headers/Subject', { headers: { Subject: 'a' } }, 'invalid_request'],
    ['/headers/X-Acme-Id', { headers: { 'X-Acme-Id': 'a' } }, 'invalid_request'],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: '' }] }, 'invalid_request'],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: 'a.exe' }] }, 'unsupported'],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'text/x-sh' }] }, 'unsupported'],
    ['/attachments/1/content', { attachments: [FILE, { ...FILE, content: Buffer.alloc(0) }] }, 'invalid_request'],
    ['/tags', { tags: ['a', 'b', 'c'] }, 'unsupported'],
    ['/tags/1', { tags: ['a', ''] }, 'unsupported'],
    ['/tags/0', { tags: ['sixsix'] }, 'unsupported'],
    ['/tags/0', { tags: ['ü'] }, 'unsupported'],
    ['/tags/0', { tags: [' a'] }, 'invalid_request'],
    ['/metadata/id', { metadata: { id: 'a' } }, 'unsupported'],
    ['/metadata/fives', { metadata: { fives: 'a' } }, 'unsupported'],
    ['/metadata/a', { metadata: { a: '1234567' } }, 'unsupported'],
    ['/metadata', { metadata: { a: '', b: '', c: '' } }, 'unsupported'],
    ['/metadata', { metadata: { a: 'üüüüüü', b: 'üüüüüü' } }, 'unsupported'],
    ['/metadata/a', { metadata: { a: 5 as unknown as string } }, 'invalid_request'],
    ['/sendAt', { sendAt: new Date(Number.NaN) }, 'invalid_request'],
    ['/sendAt', { sendAt: new Date(NOW + 1_001) }, 'unsupported'],
  ])('is rejected at %s: %j', async (pointer, overrides, code) => {
    const failure = await refusal(overrides);
    expect(failure).toMatchObject({ code, pointer, retryable: false });
    expect(failure.hint).toMatch(/^[A-Z].*\. ?.*\.$/);
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['/tags', { tags: ['a'] }],
    ['/metadata', { metadata: { a: 'b' } }],
    ['/sendAt', { sendAt: new Date(0) }],
  ])('with %s is unsupported without rules for it', async (pointer, overrides) => {
    expect(await refusal(overrides, BASE)).toMatchObject({ code: 'unsupported', pointer });
  });

  it('without these members passes without rules for them', () => {
    check({ tags: [], metadata: {}, replyTo: many(9), subject: 's'.repeat(99), attachments: [{ ...FILE, content: Buffer.alloc(0) }] }, BASE); // prettier-ignore
    check({ subject: 'Bad' }, FULL, false);
  });

  it('has tags of any length if the rules state none, but no empty ones', async () => {
    const rules = { ...BASE, tags: { max: 1 } };
    check({ tags: ['ü'.repeat(2_000)] }, rules);
    expect(await refusal({ tags: [''] }, rules)).toMatchObject({ code: 'unsupported', pointer: '/tags/0' });
  });

  it('is measured as the rules state, metadata too', async () => {
    expect(await refusal({ text: 'x'.repeat(1_001) }, BASE)).toMatchObject({
      code: 'message_too_large',
      fault: 'configuration',
      stage: 'message',
      hint: 'With its attachments the message is larger than 1000 bytes. Send smaller attachments.',
    });
    check({ text: 'x'.repeat(1_000) }, BASE);
    check({ text: 'x'.repeat(1_001) }, { ...BASE, size: () => 1_000 });
    expect(await refusal({}, { ...BASE, size: () => 1_001 })).toMatchObject({ code: 'message_too_large' });
    const measured = { ...BASE, metadata: { bytes: 4, size: () => 5 } };
    expect(await refusal({ metadata: { a: '' } }, measured)).toMatchObject({ pointer: '/metadata' });
    check({ metadata: { a: 'long enough' } }, { ...BASE, metadata: { bytes: 4, size: () => 4 } });
  });
});

describe('sizes', () => {
  const message = plainMessage({ text: 'ü', html: 'abc', attachments: [{ ...FILE, content: Buffer.alloc(58) }] });

  it('are those of the wire forms', () => {
    expect(jsonSize(message)).toBe(2 + 3 + 80);
    // 58 bytes are 80 characters, on two lines.
    expect(mimeSize(message)).toBe(2 + 3 + 300 + 80 + 4);
    expect(mimeSize(message, 'base64')).toBe(300 + 4 + 2 + 300 + 4 + 2 + 300 + 80 + 4);
  });

  it('are checked with the reason that is given', async () => {
    checkSize(10, 10);
    const failure = await failureOf((async () => checkSize(11, 10, 'With all recipients it is'))());
    expect(failure.hint).toBe('With all recipients it is larger than 10 bytes. Send smaller attachments.');
  });

  it('of base64 are of the view, not of its buffer', () => {
    expect(base64Of({ content: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) })).toBe('AgM=');
  });
});

describe('a body', () => {
  it('has no members without a value', () => {
    const none = { a: undefined, b: '', c: [], d: {} };
    const some = { e: 0, f: false, g: null, h: ' ', i: [''], j: { k: '' }, l: new Date(0), m: Buffer.alloc(0) };
    expect(omitEmpty({ ...none, ...some })).toEqual(some);
    expect(Object.keys(omitEmpty({ ...none, ...some }))).toEqual(Object.keys(some));
  });
});

describe('capabilities', () => {
  it('follow from the rules', () => {
    expect(capabilitiesOf(FULL, 'signature', ['opened', 'unknown', 'opened', 'queued'])).toEqual({
      webhooks: 'signature',
      events: ['opened', 'queued'],
      maxRecipients: 3,
      maxMessageBytes: 1_000,
      attachments: true,
      inlineImages: true,
      customHeaders: true,
      tags: true,
      metadata: true,
      scheduling: true,
    });
    expect(capabilitiesOf(BASE, 'none')).toMatchObject({
      webhooks: 'none',
      events: [],
      tags: false,
      metadata: false,
      scheduling: false,
    });
  });
});
