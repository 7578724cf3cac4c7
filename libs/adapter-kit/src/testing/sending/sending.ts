import assert from 'node:assert/strict';
import { AdapterError } from '../../errors/adapter-error.ts';
import type { EmailMessage, Mailbox } from '../../messages/email-message.ts';
import { plainMessage, withSandbox } from '../bench/bench.ts';
import type { Context } from '../bench/context.ts';
import { endOf, promptErrorOf } from '../bench/failure.ts';
import { bodyOf, recordAt } from '../bench/record.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';

const FILE = { filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('A text') } as const;
const GIVEN = 'Click@bücher.example';
const ON_THE_WIRE = 'Click@xn--bcher-kva.example';

/** Messages that every adapter must reject, even if its vendor would accept them. */
const REFUSED: readonly (readonly [what: string, message: Partial<EmailMessage>])[] = [
  ['a forged signature', { headers: { 'DKIM-Signature': 'v=1; a=rsa-sha256' } }],
  ['a forged trace', { headers: { Received: 'from mx.example' } }],
  ['a header that controls a vendor', { headers: { 'X-SMTPAPI': '{"to":["spy@elsewhere.example"]}' } }],
  ['two message ids', { headers: { 'Message-ID': '<a@sender.example> <b@sender.example>' } }],
  ['a line that cannot be broken', { headers: { 'X-Long': 'x'.repeat(1_500) } }],
  ['an address with a quoted local part', { to: [{ email: '"a b"@recipient.example' }] }],
  ['an attachment of a multipart type', { attachments: [{ ...FILE, contentType: 'multipart/related' }] }],
  ['a content ID with a space', { attachments: [{ ...FILE, contentId: 'my logo' }] }],
  ['metadata with a line break', { metadata: { note: 'one\ntwo' } }],
];

export function messageFormsChecks(context: Context): readonly ConformanceCheck[] {
  return [
    ...REFUSED.map(([what, message]) => check('message-forms', `rejects ${what}`, () => isRefused(context, message))),
    check('message-forms', 'sends domains in ASCII, and returns recipients as they were given', () => isAscii(context)),
    ...(context.http && context.adapter.capabilities.customHeaders
      ? [check('message-forms', 'encodes non-ASCII headers, and no others', () => isEncoded(context))]
      : []),
  ];
}

async function isRefused(context: Context, message: Partial<EmailMessage>): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const outcome = await endOf(adapter.send(plainMessage(message), settings), 'Sending it');
    assert(outcome instanceof AdapterError, 'It must be rejected with an AdapterError.');
    const { code, pointer } = outcome.details;
    assert(
      code === 'invalid_request' || code === 'unsupported',
      `The code must be invalid_request or unsupported, not ${code}.`,
    );
    assert(pointer !== undefined, 'The error must point to the member.');
    assert.equal(sandbox.mails.length, 0, 'The message was sent anyway.');
  });
}

async function isAscii(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const { accepted } = await adapter.send(plainMessage({ to: [{ email: GIVEN }] }), settings);
    assert.deepEqual(accepted, [GIVEN], 'The result must name the recipient as the message did.');
    assert.deepEqual(sandbox.mails.at(-1)?.recipients, [ON_THE_WIRE], 'The vendor must receive the domain in ASCII.');
  });
}

async function isEncoded(context: Context): Promise<void> {
  await withSandbox(context, async (bench) => {
    const headers = { 'X-Name': 'Größe', 'List-Id': '"News" <news.sender.example>' };
    const { requests } = await recordAt(context, bench, (listening) =>
      listening.send(plainMessage({ headers }), bench.settings),
    );
    const bodies = requests
      .map(bodyOf)
      .join('\n')
      .replaceAll(String.raw`\"`, '"');
    assert(!bodies.includes('Größe') && bodies.includes('=?'), 'A non-ASCII header must be sent as encoded words.');
    assert(bodies.includes(headers['List-Id']), 'An ASCII header must stay unchanged.');
  });
}

// A larger message is not worth the memory of a test.
const LARGEST_TRIED = 64 * 1024 * 1024;

export function sendingChecks(context: Context): readonly ConformanceCheck[] {
  const { maxRecipients, maxMessageBytes } = context.adapter.capabilities;
  return [
    check('sends', 'sends a message to all of its recipients', () => sends(context)),
    ...(maxRecipients === undefined
      ? []
      : [
          check('recipient-limit', `accepts ${String(maxRecipients)} recipients, and rejects one more`, () =>
            recipientsAreLimited(context, maxRecipients),
          ),
        ]),
    ...(maxMessageBytes === undefined || maxMessageBytes > LARGEST_TRIED
      ? []
      : [check('size-limit', 'rejects a message that is too large', () => sizeIsLimited(context, maxMessageBytes))]),
  ];
}

const MESSAGES: readonly Partial<EmailMessage>[] = [
  {},
  { html: '<p>Hällo &amp; welcome</p>' },
  {
    to: mailboxes('ada', 'Grace.Hopper'),
    cc: mailboxes('copy'),
    bcc: mailboxes('blind'),
    subject: 'Grüße, {{name}} 🎉',
  },
  {
    replyTo: [{ email: 'answers@sender.example', name: 'Answers, please' }],
    from: { email: 'no-reply@sender.example' },
  },
];

async function sends(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const frozen = Object.freeze(settings);
    for (const [index, overrides] of MESSAGES.entries()) {
      const message = plainMessage(overrides);
      const { messageId, accepted, rejected } = await adapter.send(message, frozen);
      const recipients = addressesOf(message);
      assert(typeof messageId === 'string' && messageId.trim() !== '', '`send` must return a message id.');
      assert.deepEqual(
        [...accepted].sort(),
        recipients,
        '`accepted` must list all recipients that the vendor accepted, as given.',
      );
      assert.deepEqual(rejected, [], '`rejected` must be empty.');
      const mail = sandbox.mails[index];
      assert(mail !== undefined, 'The vendor has no message.');
      assert.equal(mail.messageId, messageId, '`messageId` must be the vendor’s.');
      assert.deepEqual([...mail.recipients].sort(), recipients, 'The vendor received different recipients.');
      assert.equal(mail.from, message.from.email, 'The vendor received a different sender.');
      assert.equal(mail.subject, message.subject, 'The vendor received a different subject.');
    }
    assert.equal(sandbox.mails.length, MESSAGES.length, 'The vendor has more messages than were sent.');
    assert.equal(new Set(sandbox.mails.map(({ messageId }) => messageId)).size, MESSAGES.length);
  });
}

async function recipientsAreLimited(context: Context, most: number): Promise<void> {
  const names = Array.from({ length: most }, (_none, index) => `reader-${String(index)}`);
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const [first = '', second = '', ...rest] = names;
    const message = plainMessage({ to: mailboxes(first), cc: mailboxes(...rest), bcc: mailboxes(second) });
    const { accepted } = await adapter.send(message, settings);
    assert.equal(accepted.length, most, `All ${String(most)} recipients must be accepted.`);
    const more = { ...message, bcc: mailboxes(second, 'one-too-many') };
    const error = await promptErrorOf(adapter.send(more, settings), 'Sending to one recipient too many');
    assert.match(error.details.pointer ?? '', /^\/(?:to|cc|bcc)\b/, 'The error must point to the recipients.');
    assert.equal(error.details.retryable, false, 'Too many recipients must not be retryable.');
    assert.equal(sandbox.mails.length, 1, 'The message was sent anyway.');
  });
}

async function sizeIsLimited(context: Context, most: number): Promise<void> {
  const { attachments } = context.adapter.capabilities;
  const content = Buffer.alloc(most + 1, 'a');
  const large = attachments
    ? { attachments: [{ filename: 'large.txt', contentType: 'text/plain', content }] }
    : { text: content.toString() };
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const error = await promptErrorOf(
      adapter.send(plainMessage(large), settings),
      'Sending a message that is too large',
    );
    assert.equal(error.details.code, 'message_too_large');
    assert.equal(error.details.status, undefined, 'It was sent to the vendor, which rejected it.');
    assert.equal(sandbox.mails.length, 0, 'The message was sent anyway.');
  });
}

function mailboxes(...names: readonly string[]): readonly Mailbox[] {
  return names.map((name) => ({ email: `${name}@recipient.example` }));
}

function addressesOf({ to, cc = [], bcc = [] }: EmailMessage): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ email }) => email).sort();
}
