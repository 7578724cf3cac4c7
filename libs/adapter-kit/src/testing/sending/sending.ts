import assert from 'node:assert/strict';
import type { EmailMessage, Mailbox } from '../../messages/email-message.ts';
import { plainMessage, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { promptErrorOf } from '../bench/failure.ts';

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
