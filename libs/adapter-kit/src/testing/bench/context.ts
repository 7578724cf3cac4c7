import { readdirSync, readFileSync } from 'node:fs';
import type { Type } from '@nestjs/common';
import { type AdapterIdentity, adapterIdentity, type EmailAdapter } from '../../adapter/email-adapter.ts';
import { type DescribedField, describeFields } from '../../settings/settings-field.decorator.ts';
import type { WebhookReceiver, WebhookRegistration, WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import type { ConformanceSubject, WebhookSubject } from './conformance-rules.ts';
import { makeAdapter, recordingServices, speaksHttp } from './services.ts';

/** What all checks of one adapter share. It is immutable. */
export interface Context {
  readonly subject: ConformanceSubject;
  readonly identity: AdapterIdentity;
  /** An instance that reaches no one: for checks that need no vendor. */
  readonly adapter: EmailAdapter;
  readonly fields: readonly DescribedField[];
  /** Whether the adapter uses HTTP. */
  readonly http: boolean;
  readonly runs: number;
  readonly webhook: WebhookContext | undefined;
}

export interface WebhookContext {
  readonly subject: WebhookSubject;
  readonly receiver: WebhookReceiver;
  readonly registration: WebhookRegistration | undefined;
  readonly fixtures: readonly Fixture[];
}

const DEFAULT_RUNS = 100;

/** @throws TypeError for a subject that cannot be tested */
export function contextOf(subject: ConformanceSubject): Context {
  const { adapter: type, runs = DEFAULT_RUNS } = subject;
  const identity = adapterIdentity(type);
  if (identity === undefined) throw new TypeError(`${type.name} is not marked with @Adapter.`);
  const adapter = makeAdapter(type, recordingServices());
  return {
    subject,
    identity,
    adapter,
    fields: describeFields(adapter.settings as Type),
    http: speaksHttp(type),
    runs,
    webhook: webhookContext(adapter, subject, identity),
  };
}

function webhookContext(
  { webhooks: receiver }: EmailAdapter,
  { webhook: subject }: ConformanceSubject,
  { displayName }: AdapterIdentity,
): WebhookContext | undefined {
  if (receiver === undefined) {
    if (subject === undefined) return undefined;
    throw new TypeError(`${displayName} has no webhooks: leave \`webhook\` out of the subject.`);
  }
  if (subject === undefined) throw new TypeError(`${displayName} has webhooks: the subject needs \`webhook\`.`);
  return { subject, receiver, registration: receiver.registration, fixtures: readFixtures(subject.fixtures) };
}

/** A webhook request of the vendor, and the expected result of parsing it. */
export interface Fixture {
  readonly name: string;
  /** A copy each time: an adapter may modify it. */
  readonly request: WebhookRequest;
  /** In the form of `writtenForm`, or `malformed` if it is not a batch; undefined if the file is missing. */
  readonly expected: readonly unknown[] | 'malformed' | undefined;
}

/** The fixtures directly in the folder: `x.json`, `x.raw` or `x.request.json` with `x.expected.json`. */
function readFixtures(folder: URL): readonly Fixture[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  const files = new Set(names);
  const bodies = names.filter((name) => /\.(?:json|raw)$/.test(name) && !name.endsWith('.expected.json'));
  const read = (name: string): Buffer => readFileSync(new URL(name, folder));
  return bodies.map((file) => {
    const name = file.replace(/(?:\.request)?\.(?:json|raw)$/, '');
    const expectation = `${name}.expected.json`;
    const bytes = read(file);
    return {
      name,
      get request() {
        return file.endsWith('.request.json')
          ? wholeRequest(bytes)
          : { headers: {}, query: {}, body: Buffer.from(bytes) };
      },
      expected: files.has(expectation)
        ? (JSON.parse(read(expectation).toString()) as NonNullable<Fixture['expected']>)
        : undefined,
    };
  });
}

/** `body` is text, which is sent unchanged, or any other JSON, which is sent without spaces. */
function wholeRequest(file: Buffer): WebhookRequest {
  const { headers = {}, query = {}, body = '' } = JSON.parse(file.toString()) as Partial<WebhookRequest>;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { headers, query, body: Buffer.from(text) };
}
