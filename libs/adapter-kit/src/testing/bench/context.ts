import type { Type } from '@nestjs/common';
import { type AdapterIdentity, adapterIdentity } from '../../adapter/adapter.decorator.ts';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { type DescribedField, describeFields } from '../../settings/describe-fields.ts';
import type { WebhookReceiver } from '../../webhooks/webhook-receiver.ts';
import type { WebhookRegistration } from '../../webhooks/webhook-registration.ts';
import type { ConformanceSubject, WebhookSubject } from '../conformance-subject.ts';
import { type Fixture, readFixtures } from './fixtures.ts';
import { recordingServices } from './recording-services.ts';
import { makeAdapter, speaksHttp } from './services.ts';

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
