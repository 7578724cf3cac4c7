import assert from 'node:assert/strict';
import type { EmailEvent, ParsedEvent } from '../../events/email-event.ts';
import { sampleEvents } from '../../webhooks/webhook-sample.ts';
import type { SampleEvent, WebhookReceiver, WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import { validSettings, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { carries } from '../bench/record.ts';
import { parsed } from './parsed.ts';

type Sampling = WebhookReceiver & Required<Pick<WebhookReceiver, 'sample'>>;

export function samplesChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  return webhook.receiver.sample === undefined
    ? []
    : [check('sample-arrives', 'composes a sample that its webhook accepts', () => arrives(context, webhook))];
}

async function arrives(context: Context, { receiver, subject }: WebhookContext): Promise<void> {
  await withSandbox(context, async ({ sandbox }) => {
    const settingsWith = (change: object): object => validSettings(context, { ...sandbox.settings, ...change });
    const { settings: key } = subject.newKey();
    const settings = settingsWith(key);
    const metadata = context.adapter.capabilities.metadata ? { order: 'A-1042' } : {};
    const first = sampleEvents(new Date(), metadata);
    const { requests, settings: own = {} } = (receiver as Sampling).sample({ settings, events: first });
    assert.notEqual(requests.length, 0, 'A sample must have a request.');
    const accepted = { ...key, ...own };
    for (const name of Object.keys(own)) assert(name in key, `${name}: a sample may only replace webhook secrets.`);

    for (const request of requests) {
      const names = Object.keys(request.headers);
      assert.deepEqual(
        names,
        names.map((name) => name.toLowerCase()),
        'Header names of a sample must be in lowercase.',
      );
      assert(request.body.length <= receiver.bodyLimit, 'A sample exceeds `bodyLimit`.');
      assert.equal(await verdictOn(receiver, request, settingsWith(accepted)), 'verified', 'A sample is not verified.');
      const other = await verdictOn(receiver, request, settingsWith(subject.newKey().settings));
      assert.notEqual(other, 'verified', 'A sample is verified by the key of another connection.');
      assertNoAccountSecret(context, settings, request);
    }
    const outcomes = outcomesOf(receiver, requests);
    assert.deepEqual(outcomes.map(factsIn), first.map(factsOf), 'The events of a sample differ from those asked for.');
    const second = sampleEvents(new Date(), metadata);
    const again = outcomesOf(receiver, (receiver as Sampling).sample({ settings, events: second }).requests);
    const keys = [...outcomes, ...again].map(({ deduplicationKey }) => JSON.stringify(deduplicationKey));
    assert.equal(new Set(keys).size, keys.length, 'The events of two samples have the same deduplication key.');
  });
}

/** As the service authenticates: by the head, and then by the body if it is needed. */
async function verdictOn(receiver: WebhookReceiver, request: WebhookRequest, settings: object): Promise<string> {
  const { body: _body, ...head } = request;
  const verdict = receiver.authenticateHead(head, settings);
  return verdict === 'verified' || verdict === 'needs_body' ? receiver.authenticate(request, settings) : verdict;
}

type Known = Extract<ParsedEvent, { readonly ok: true }>;

function outcomesOf(receiver: WebhookReceiver, requests: readonly WebhookRequest[]): readonly Known[] {
  return requests.flatMap((request) => {
    const outcome = parsed(receiver, request);
    assert(outcome !== 'malformed', 'A request of a sample is not a batch.');
    return outcome.map((one) => {
      assert(one.ok, 'An item of a sample could not be parsed.');
      return one;
    });
  });
}

function factsOf({ kind, at, recipient, messageId, metadata }: SampleEvent): object {
  return {
    kind,
    at: at.toISOString(),
    recipient,
    messageId,
    metadata,
    ...(kind === 'bounced' ? { class: 'hard' } : {}),
  };
}

function factsIn({ event }: Known): object {
  const { kind, occurredAt, recipient, messageId, metadata = {}, bounce, test }: EmailEvent = event;
  return {
    kind,
    at: occurredAt?.toISOString(),
    recipient,
    messageId,
    metadata,
    ...(bounce === undefined ? {} : { class: bounce.class }),
    ...(test === undefined ? {} : { test }),
  };
}

function assertNoAccountSecret({ fields }: Context, settings: object, { headers, query, body }: WebhookRequest): void {
  const text = `${JSON.stringify([headers, query])}\n${Buffer.from(body).toString()}`;
  for (const { name, secret, inboundOnly } of fields) {
    const value = (settings as Readonly<Record<string, unknown>>)[name];
    if (secret !== true || inboundOnly === true || typeof value !== 'string') continue;
    assert(!carries(text, value), `A sample contains ${name}, which is not a webhook secret.`);
  }
}
