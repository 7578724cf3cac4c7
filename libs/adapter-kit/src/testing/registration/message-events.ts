import assert from 'node:assert/strict';
import type { EmailEvent, EventKind, ParsedEvent } from '../../events/email-event.ts';
import type { SendResult } from '../../messages/email-message.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { plainMessage, silentProbe } from '../bench/bench.ts';
import { type Hook, register, withHook } from './hook.ts';

/** What happens to a message to such an address in every sandbox. */
interface Scenario {
  readonly name: string;
  readonly kind: EventKind;
  readonly isIt?: (event: EmailEvent) => boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'ada', kind: 'delivered' },
  { name: 'bounce', kind: 'bounced', isIt: ({ bounce }) => bounce?.class === 'hard' },
  { name: 'softbounce', kind: 'bounced', isIt: ({ bounce }) => bounce?.class === 'soft' },
  { name: 'block', kind: 'bounced', isIt: ({ bounce }) => bounce?.class === 'block' },
  { name: 'drop', kind: 'rejected' },
  { name: 'defer', kind: 'deferred' },
  { name: 'open', kind: 'opened', isIt: ({ machine }) => machine !== true },
  { name: 'click', kind: 'clicked', isIt: ({ url }) => url === 'https://sender.example/start?u=1&v=2' },
  { name: 'complaint', kind: 'complained' },
  { name: 'unsubscribe', kind: 'unsubscribed' },
];

const CLICKING = 'click@recipient.example';

export function messageEventsChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  const { events, metadata, tags } = context.adapter.capabilities;
  const reported = SCENARIOS.filter(({ kind }) => events.includes(kind));
  return [
    ...reported.map((scenario) =>
      check('message-ids-match', `reports the events of ${scenario.name}@ with the message id`, () =>
        eventsAreOfTheMessage(context, webhook, scenario),
      ),
    ),
    check('deduplication-keys-differ', 'distinguishes the events of one message', () => eventsDiffer(context, webhook)),
    ...(metadata || tags
      ? [check('sender-data-returns', 'returns metadata and tags in events', () => senderDataReturns(context, webhook))]
      : []),
    ...(metadata
      ? [
          check('sender-data-returns', 'returns the metadata of its test message in events', () =>
            testDataReturns(context, webhook),
          ),
        ]
      : []),
  ];
}

async function eventsAreOfTheMessage(
  context: Context,
  webhook: WebhookContext,
  { name, kind, isIt }: Scenario,
): Promise<void> {
  await withHook(context, webhook, async (hook) => {
    await listen(hook);
    const recipient = `${name}@recipient.example`;
    const { messageId } = await send(hook, recipient);
    const events = eventsIn(await settled(hook));
    const fitting = events.filter((event) => event.kind === kind && (isIt?.(event) ?? true));
    const seen = events.map((event) => `${event.kind} ${event.bounce?.class ?? ''}`.trim()).join(', ');
    assert.notEqual(
      fitting.length,
      0,
      `A message to ${recipient} is ${kind}. The parsed events are: ${seen || 'none'}.`,
    );
    for (const event of events) {
      assert.equal(
        event.messageId,
        messageId,
        `The ${event.kind} event has another message id than \`send\` returned.`,
      );
      assert.equal(event.recipient, recipient, `The ${event.kind} event has another recipient.`);
    }
  });
}

async function eventsDiffer(context: Context, webhook: WebhookContext): Promise<void> {
  await withHook(context, webhook, async (hook) => {
    await listen(hook);
    for (const name of ['slow', 'click']) await send(hook, `${name}@recipient.example`);
    const known = (await settled(hook)).filter((one) => one.ok);
    const distinct = new Set(known.map(({ event }) => JSON.stringify(event.raw)));
    const deduplicationKeys = new Set(known.map(({ deduplicationKey }) => JSON.stringify(deduplicationKey)));
    assert.equal(deduplicationKeys.size, distinct.size, 'Two events of one message have the same deduplication key.');
  });
}

const METADATA = { score_connection_id: '0198c0de-1234-7abc-8def-0123456789ab', campaign: 'ü “1”' };
const TAG = 'spring';

async function senderDataReturns(context: Context, webhook: WebhookContext): Promise<void> {
  const { metadata, tags } = context.adapter.capabilities;
  await withHook(context, webhook, async (hook) => {
    await listen(hook);
    const given = { ...(metadata ? { metadata: METADATA } : {}), ...(tags ? { tags: [TAG] } : {}) };
    await hook.adapter.send(plainMessage({ ...given, to: [{ email: CLICKING }] }), hook.settings);
    const events = eventsIn(await settled(hook));
    if (metadata) assertReturned(events);
    for (const event of events) {
      const tagged = !tags || event.tags?.includes(TAG) === true;
      assert(tagged, `The ${event.kind} event has lost its tag: ${JSON.stringify(event.tags)}`);
    }
  });
}

async function testDataReturns(context: Context, webhook: WebhookContext): Promise<void> {
  await withHook(context, webhook, async (hook) => {
    await listen(hook);
    await hook.adapter.diagnose(hook.settings, silentProbe({ to: [CLICKING], metadata: METADATA }));
    assertReturned(eventsIn(await settled(hook)));
  });
}

function assertReturned(events: readonly EmailEvent[]): void {
  assert.notEqual(events.length, 0, 'No event came.');
  for (const { kind, metadata = {} } of events) {
    const returned = Object.entries(METADATA).filter(([name, value]) => metadata[name] === value);
    const all = returned.length === Object.keys(METADATA).length;
    assert(all, `The ${kind} event has lost metadata: ${JSON.stringify(metadata)}`);
  }
}

/** Registers the webhook with the vendor: through its API, or else as a person would. */
export async function listen(hook: Hook): Promise<void> {
  const { adapter, sandbox, server } = hook;
  const { webhooks } = adapter;
  if (webhooks?.registration !== undefined) {
    await register(webhooks.registration, hook);
    return;
  }
  if (sandbox.addForeignWebhook === undefined) assert.fail('The sandbox needs addForeignWebhook for this check.');
  // A sandbox authenticates its requests with the key of its own account.
  server.settings = sandbox.settings;
  sandbox.addForeignWebhook(webhooks?.address?.(server.url, sandbox.settings) ?? server.url);
}

function send({ adapter, settings }: Hook, recipient: string): Promise<SendResult> {
  return adapter.send(plainMessage({ to: [{ email: recipient }] }), settings);
}

/** All parsed items, after the vendor has posted everything. */
export async function settled({ sandbox, server }: Hook): Promise<readonly ParsedEvent[]> {
  await sandbox.settled();
  const verdicts = new Set(server.received.map(({ verdict }) => verdict));
  assert.deepEqual([...verdicts], ['verified'], 'The vendor’s requests must arrive and be verified.');
  return server.received.flatMap(({ events }) => events);
}

/** Without the test events that a vendor posts to verify a webhook: they belong to no message. */
export function eventsIn(parsed: readonly ParsedEvent[]): readonly EmailEvent[] {
  const events = parsed.map((one) =>
    one.ok ? one.event : assert.fail(`The vendor’s item was not parsed: ${one.reason}`),
  );
  return events.filter(({ test }) => test !== true);
}
