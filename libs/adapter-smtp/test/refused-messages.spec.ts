import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { TestSmtpServer } from '../../../test/support/smtp-server.ts';
import { loopbackAdapter, message, settingsFor } from './support.ts';

const INJECTION = 'x\r\nBcc: victim@example.org';
const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

const adapter = loopbackAdapter();
let server: TestSmtpServer;

beforeAll(async () => {
  server = await TestSmtpServer.start();
});
afterAll(() => server.close());

describe('nothing is dropped silently', () => {
  it.each<[string, Partial<EmailMessage>, string]>([
    ['/tags', { tags: ['a'] }, 'SMTP does not support tags. Remove tags from the message.'],
    ['/metadata', { metadata: { a: 'b' } }, 'SMTP does not support metadata. Remove metadata from the message.'],
    ['/sendAt', { sendAt: new Date() }, 'SMTP does not support scheduled sending. Remove sendAt from the message.'],
  ])('%s is unsupported', async (pointer, overrides, hint) => {
    const failure = await failureOf(adapter.send(message(overrides), settingsFor(server)));
    expect(failure).toMatchObject({ code: 'unsupported', stage: 'message', retryable: false, pointer, hint });
  });

  it('but empty values are accepted', async () => {
    const result = await adapter.send(
      message({ tags: [], metadata: {}, headers: {}, attachments: [] }),
      settingsFor(server),
    );
    expect(result.accepted).toHaveLength(1);
  });
});

describe('what would break out of its place is rejected', () => {
  it.each<[string, Partial<EmailMessage>]>([
    ['/subject', { subject: INJECTION }],
    ['/subject', { subject: 'a\0b' }],
    ['/from/name', { from: { email: 'a@example.com', name: INJECTION } }],
    ['/from/email', { from: { email: 'a@example.com>\r\nRCPT TO:<victim@example.org' } }],
    ['/from/email', { from: { email: 'nobody' } }],
    ['/to/0/name', { to: [{ email: 'a@example.com', name: INJECTION }] }],
    ['/to/1/email', { to: [{ email: 'a@example.com' }, { email: 'a@example.com, victim@example.org' }] }],
    ['/to/0/email', { to: [{ email: 'A <a@example.com>' }] }],
    ['/to/0/email', { to: [{ email: 'victim@example.org@example.com' }] }],
    ['/cc/0/email', { cc: [{ email: 'a b@example.com' }] }],
    ['/bcc/0/email', { bcc: [{ email: '' }] }],
    ['/replyTo/0/name', { replyTo: [{ email: 'a@example.com', name: INJECTION }] }],
    ['/to', { to: [] }],
    ['/headers/X-A', { headers: { 'X-A': INJECTION } }],
    ['/headers/X-A', { headers: { 'X-A': 'a\nb' } }],
    ['/headers/X-A', { headers: { 'X-A': ' ' } }],
    ['/headers/X-A: b\r\nX-B', { headers: { 'X-A: b\r\nX-B': 'c' } }],
    ['/headers/X A', { headers: { 'X A': 'b' } }],
    ['/headers/Bcc', { headers: { Bcc: 'victim@example.org' } }],
    ['/headers/from', { headers: { from: 'other@example.org' } }],
    ['/headers/Content-Type', { headers: { 'Content-Type': 'text/html' } }],
    ['/attachments/0/filename', { attachments: [{ ...FILE, filename: INJECTION }] }],
    ['/attachments/0/contentId', { attachments: [{ ...FILE, contentId: INJECTION }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: INJECTION }] }],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'pdf' }] }],
  ])('%s: %j', async (pointer, overrides) => {
    const before = server.connections;
    const failure = await failureOf(adapter.send(message(overrides), settingsFor(server)));
    expect(failure).toMatchObject({ code: 'invalid_request', retryable: false, pointer });
    expect(server.connections).toBe(before);
  });

  it('and so is the message of a test', async () => {
    const probe = { to: ['victim@example.org>\r\nDATA'], from: { email: 'a@example.com' }, subject: 's', text: 't' };
    const { error } = await adapter.diagnose(settingsFor(server), probe);
    expect(error).toMatchObject({ code: 'invalid_request', stage: 'recipient', pointer: '/to/0/email' });
  });
});
