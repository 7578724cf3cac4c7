import assert from 'node:assert/strict';
import type { EmailMessage, Mailbox } from '../../messages/email-message.ts';
import { withSandbox } from '../bench/bench.ts';
import { check } from '../bench/check.ts';
import type { Context } from '../bench/context.ts';
import { promptErrorOf } from '../bench/failure.ts';
import { plainMessage } from '../bench/messages.ts';
import type { ConformanceCheck } from '../conformance-check.ts';

// A greater message is not worth the memory of a test.
const LARGEST_TRIED = 64 * 1024 * 1024;

export function sendingChecks(context: Context): readonly ConformanceCheck[] {
  const { maxRecipients, maxMessageBytes } = context.adapter.capabilities;
  return [
    check('sends', 'sends a message to everybody whom it names', () => sends(context)),
    ...(maxRecipients === undefined
      ? []
      : [
          check('recipient-limit', `takes ${String(maxRecipients)} recipients and no more`, () =>
            recipientsAreLimited(context, maxRecipients),
          ),
        ]),
    ...(maxMessageBytes === undefined || maxMessageBytes > LARGEST_TRIED
      ? []
      : [check('size-limit', 'refuses a message that is too large', () => sizeIsLimited(context, maxMessageBytes))]),
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
        '`accepted` must name all whom the vendor accepted, as given.',
      );
      assert.deepEqual(rejected, [], 'Nobody was rejected.');
      const mail = sandbox.mails[index];
      assert(mail !== undefined, 'The vendor has no message.');
      assert.equal(mail.messageId, messageId, '`messageId` must be the vendor’s.');
      assert.deepEqual([...mail.recipients].sort(), recipients, 'The vendor was told other recipients.');
      assert.equal(mail.from, message.from.email, 'The vendor was told another sender.');
      assert.equal(mail.subject, message.subject, 'The vendor was told another subject.');
    }
    assert.equal(sandbox.mails.length, MESSAGES.length, 'The vendor has more messages than were sent.');
    assert.equal(new Set(sandbox.mails.map(({ messageId }) => messageId)).size, MESSAGES.length);
  });
}

async function recipientsAreLimited(context: Context, most: number): Promise<void> {
  const names = Array.from({ length: most }, (_none, index) => `reader-${String(index)}`);
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const [first = '', second = '', ...rest] = names;
    const whole = plainMessage({ to: mailboxes(first), cc: mailboxes(...rest), bcc: mailboxes(second) });
    const { accepted } = await adapter.send(whole, settings);
    assert.equal(accepted.length, most, `All of ${String(most)} recipients are to be accepted.`);
    const more = { ...whole, bcc: mailboxes(second, 'one-too-many') };
    const error = await promptErrorOf(adapter.send(more, settings), 'Sending to one recipient too many');
    assert.match(error.details.pointer ?? '', /^\/(?:to|cc|bcc)\b/, 'The error must point at the recipients.');
    assert.equal(error.details.retryable, false, 'Too many recipients stay too many.');
    assert.equal(sandbox.mails.length, 1, 'The message was sent all the same.');
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
    assert.equal(error.details.status, undefined, 'It was sent to the vendor, which refused it.');
    assert.equal(sandbox.mails.length, 0, 'The message was sent all the same.');
  });
}

function mailboxes(...names: readonly string[]): readonly Mailbox[] {
  return names.map((name) => ({ email: `${name}@recipient.example` }));
}

function addressesOf({ to, cc = [], bcc = [] }: EmailMessage): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ email }) => email).sort();
}
