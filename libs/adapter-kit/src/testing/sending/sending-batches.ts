import assert from 'node:assert/strict';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { BatchResult, EmailMessage, SendResult } from '../../messages/email-message.ts';
import { recipientsOf } from '../../messages/check-members.ts';
import { type Bench, plainMessage, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { assertWellFormed, promptly } from '../bench/failure.ts';
import { bodyOf, recordAt } from '../bench/record.ts';
import { eventsIn, listen, settled } from '../registration/message-events.ts';
import { withHook } from '../registration/hook.ts';

/** Members in which two messages may differ, each with what the request must contain for either. */
const DIFFERENCES: readonly (readonly [member: string, (text: string) => Partial<EmailMessage>])[] = [
  ['from', (text) => ({ from: { email: `${text}@sender.example` } })],
  ['subject', (text) => ({ subject: `Subject ${text}` })],
  ['text', (text) => ({ text: `Text ${text}` })],
  ['html', (text) => ({ html: `<p>${text}</p>` })],
  ['replyTo', (text) => ({ replyTo: [{ email: `${text}@sender.example` }] })],
  ['headers', (text) => ({ headers: { 'X-Campaign': text } })],
  ['metadata', (text) => ({ metadata: { campaign: text } })],
  ['tags', (text) => ({ tags: [text] })],
  [
    'attachments',
    (text) => ({
      attachments: [{ filename: `${text}.txt`, contentType: 'text/plain', content: Buffer.from('A text') }],
    }),
  ],
];
const FEW = 10;
const [ONE, OTHER] = ['first-a1', 'second-b2'];

export function sendingBatchesChecks(context: Context): readonly ConformanceCheck[] {
  const { adapter, http } = context;
  const { maxBatch } = adapter.capabilities;
  if (maxBatch === undefined) {
    const isMissing = async (): Promise<void> =>
      assert(!hasBatches(adapter), 'It has `sendBatch`, but does not declare `capabilities.maxBatch`.');
    return [check('batch-sent', 'has no batches, as it declares', isMissing)];
  }
  return [
    check('batch-sent', `sends ${String(maxBatch)} messages in one call`, () => isSent(context, maxBatch)),
    check('batch-isolated', 'sends the valid messages of a batch', () => isIsolated(context)),
    check('batch-isolated', 'sends the messages of a batch that the vendor accepts', () => isPartlyAccepted(context)),
    check('batch-isolated', 'returns a failed call as the result of each message', () => isFailed(context)),
    ...(http
      ? DIFFERENCES.map(([member, differing]) =>
          check('batch-content', `keeps the ${member} of each message of a batch`, () => isKept(context, differing)),
        )
      : []),
  ];
}

export function batchEventsChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  if (context.adapter.capabilities.maxBatch === undefined) return [];
  return [
    check('batch-events', 'reports the events of each message of a batch', () =>
      eventsAreOfTheirMessages(context, webhook),
    ),
  ];
}

/** Messages to different recipients with the same content. */
function equalMessages(count: number, overrides: Partial<EmailMessage> = {}): EmailMessage[] {
  return Array.from({ length: count }, (_, index) =>
    plainMessage({
      ...overrides,
      to: [{ email: `r${String(index)}@recipient.example`, name: `Reader ${String(index)}` }],
    }),
  );
}

function hasBatches(adapter: EmailAdapter): adapter is Required<Pick<EmailAdapter, 'sendBatch'>> & EmailAdapter {
  return adapter.sendBatch !== undefined;
}

async function send(adapter: EmailAdapter, messages: readonly EmailMessage[], settings: object) {
  const keys = new Set(messages.map((message) => adapter.batchKey?.(message)));
  assert.equal(keys.size, 1, '`batchKey` of messages with the same content must be equal.');
  assert(hasBatches(adapter), 'It declares `capabilities.maxBatch`, but has no `sendBatch`.');
  const results = await promptly(adapter.sendBatch(messages, settings), 'Sending a batch');
  assert.equal(results.length, messages.length, '`sendBatch` must return a result for each message.');
  return results;
}

function sentOf(result: BatchResult | undefined): SendResult {
  assert(result !== undefined && 'result' in result, `It was not sent: ${JSON.stringify(result)}`);
  return result.result;
}

/** Each of these messages arrived once, under the id of its result. */
function assertArrived({ sandbox }: Bench, sent: readonly (readonly [EmailMessage, SendResult])[]): void {
  for (const [message, { messageId, accepted, rejected }] of sent) {
    const recipients = recipientsOf(message);
    assert.deepEqual([accepted, rejected], [recipients, []], 'The result must list the recipients of its message.');
    const mails = sandbox.mails.filter((mail) => recipients.every((recipient) => mail.recipients.includes(recipient)));
    assert.equal(
      mails.length,
      1,
      `The vendor has ${String(mails.length)} messages to ${recipients.join(', ')}, not one.`,
    );
    const [mail] = mails;
    assert.deepEqual(
      [...(mail?.recipients ?? [])].sort(),
      [...recipients].sort(),
      'It has recipients of another message.',
    );
    assert.equal(mail?.messageId, messageId, '`messageId` must be the vendor’s.');
    assert.equal(mail.subject, message.subject, 'The vendor received a different subject.');
  }
  assert.equal(sandbox.mails.length, sent.length, 'The vendor has more messages than were sent.');
}

async function isSent(context: Context, maxBatch: number): Promise<void> {
  await withSandbox(context, async (bench) => {
    const messages = equalMessages(Math.min(maxBatch, FEW));
    const blind = plainMessage({ bcc: [{ email: 'blind@recipient.example' }] });
    const copied = { ...blind, cc: [{ email: 'Grace@recipient.example' }] };
    // Copies, where the vendor keeps them apart.
    const keyOf = (message: EmailMessage): string | undefined => bench.adapter.batchKey?.(message);
    const shared = [copied, blind].find((message) => keyOf(message) === keyOf(messages[0] as EmailMessage));
    if (shared !== undefined) messages[1] = shared;
    const results = await send(bench.adapter, messages, Object.freeze(bench.settings));
    assertArrived(
      bench,
      messages.map((message, index) => [message, sentOf(results[index])]),
    );
    const many = equalMessages(maxBatch);
    const { requests } = await recordAt(context, bench, async (listening) => {
      for (const result of await send(listening, many, bench.settings)) sentOf(result);
    });
    if (context.http) assert.equal(requests.length, 1, `It made ${String(requests.length)} calls for one batch.`);
  });
}

async function isIsolated(context: Context): Promise<void> {
  await withSandbox(context, async (bench) => {
    const messages = equalMessages(4);
    messages[1] = { ...plainMessage(), to: [{ email: 'no-address' }] };
    const results = await send(bench.adapter, messages, bench.settings);
    const invalid = results[1];
    assert(invalid !== undefined && 'error' in invalid, 'A message with an invalid address must have an error.');
    assertWellFormed(invalid.error, 'The error of a message');
    assert.equal(invalid.error.pointer, '/to/0/email', 'The error must point to the member of its own message.');
    const valid = [0, 2, 3].map((index) => [messages[index] as EmailMessage, sentOf(results[index])] as const);
    assertArrived(bench, valid);
  });
}

/** Senders that are not verified are rejected by every sandbox. Where they share no batch, each batch has its own result. */
async function isPartlyAccepted(context: Context): Promise<void> {
  const work = async (bench: Bench): Promise<void> => {
    const { adapter, settings } = bench;
    const messages = equalMessages(3);
    const unverified = plainMessage({
      from: { email: 'ceo@unverified.example' },
      to: [{ email: 'x@recipient.example' }],
    });
    const [first] = messages as [EmailMessage];
    const together = adapter.batchKey?.(first) === adapter.batchKey?.(unverified);
    if (together) messages.splice(1, 0, unverified);
    const results = await send(adapter, messages, settings);
    if (together) assert('error' in (results[1] as BatchResult), 'A sender that is not verified must have an error.');
    const sent = messages.flatMap((message, index) =>
      message === unverified ? [] : [[message, sentOf(results[index])] as const],
    );
    assertArrived(bench, sent);
  };
  await withSandbox(context, work, { verifiedSenders: ['@sender.example'] });
}

async function isFailed(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const wrong = { ...settings, ...sandbox.failures['authentication_failed'] };
    for (const result of await send(adapter, equalMessages(3), wrong)) {
      assert('error' in result, 'A message of a call that failed must have an error.');
      assertWellFormed(result.error, 'The error of a message');
      assert.equal(result.error.code, 'authentication_failed');
    }
    assert.equal(sandbox.mails.length, 0, 'A message was sent anyway.');
  });
}

async function isKept(context: Context, differing: (text: string) => Partial<EmailMessage>): Promise<void> {
  await withSandbox(context, async (bench) => {
    const { adapter, settings } = bench;
    const messages = equalMessages(2).map((message, index) => ({
      ...message,
      ...differing(index === 0 ? ONE : OTHER),
    }));
    const [first, second] = messages as [EmailMessage, EmailMessage];
    if (adapter.batchKey !== undefined && adapter.batchKey(first) !== adapter.batchKey(second)) return;
    const { requests } = await recordAt(context, bench, async (listening) => {
      const results = await send(listening, messages, settings);
      // A member that the vendor does not support is an error of each message.
      if (results.some((result) => 'result' in result)) return;
      for (const result of results)
        assert('error' in result && result.error.code === 'unsupported', JSON.stringify(result));
    });
    if (requests.length === 0) return;
    const bodies = requests.map(bodyOf).join('\n');
    for (const text of [ONE, OTHER]) {
      assert(
        bodies.includes(text),
        `Both messages were sent together, but the request lacks “${text}” of one of them.`,
      );
    }
  });
}

async function eventsAreOfTheirMessages(context: Context, webhook: WebhookContext): Promise<void> {
  await withHook(context, webhook, async (hook) => {
    await listen(hook);
    const names = ['click', 'bounce', 'complaint'];
    const messages = names.map((name, index) =>
      plainMessage({
        to: [{ email: `${name}@recipient.example` }],
        ...(context.adapter.capabilities.metadata ? { metadata: { score_message_id: `m-${String(index)}` } } : {}),
      }),
    );
    const results = await send(hook.adapter, messages, hook.settings);
    const events = eventsIn(await settled(hook));
    for (const [index, message] of messages.entries()) {
      const own = events.filter(({ recipient }) => recipient === message.to[0]?.email);
      assert.notEqual(own.length, 0, `No event came of the message to ${String(message.to[0]?.email)}.`);
      for (const { kind, messageId, metadata } of own) {
        assert.equal(messageId, sentOf(results[index]).messageId, `The ${kind} event has another message id.`);
        if (message.metadata === undefined) continue;
        const { score_message_id: id } = metadata ?? {};
        assert.equal(id, `m-${String(index)}`, `The ${kind} event has the metadata of another message.`);
      }
    }
  });
}
