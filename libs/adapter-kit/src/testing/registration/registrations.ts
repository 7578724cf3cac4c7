import assert from 'node:assert/strict';
import { AdapterError } from '../../errors/adapter-error.ts';
import type { RegistrationTarget, WebhookRegistration } from '../../webhooks/webhook-receiver.ts';
import { check, type ConformanceCheck, type ConformanceRule } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { endOf } from '../bench/failure.ts';
import { entriesOf, type Hook, register, withHook } from './hook.ts';

const FOREIGN = 'https://elsewhere.example/hook';
const ODD_IDS = ['', '.', '..', '../..', '/', '%2e%2e', '1', 'abc'];

type RegistrationCheck = readonly [
  rule: ConformanceRule,
  name: string,
  run: (registration: WebhookRegistration, hook: Hook) => Promise<void>,
];

const CHECKS: readonly RegistrationCheck[] = [
  ['registration-once', 'registers one webhook, however often it is called', registersOnce],
  ['registration-drift', 'reports drift and fixes it', noticesDrift],
  ['registration-foreign', 'does not touch webhooks of others', leavesOthersAlone],
  ['registration-removed', 'removes its webhook, and reports it as missing', removes],
  ['registration-ping', 'accepts what the vendor posts during registration', isReady],
];

export function registrationsChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  const { registration } = webhook;
  if (registration === undefined) return [];
  return CHECKS.map(([rule, name, run]) =>
    check(rule, name, () =>
      withHook(context, webhook, (hook) => {
        const own = hook.adapter.webhooks?.registration;
        return own === undefined ? assert.fail('The adapter has no registration.') : run(own, hook);
      }),
    ),
  );
}

async function registersOnce(registration: WebhookRegistration, hook: Hook): Promise<void> {
  const { sandbox, server } = hook;
  await assertState(registration, { url: server.url }, hook.settings, 'not_registered');
  const { target, settings } = await register(registration, hook);
  const { vendorId = '' } = target;
  assert.notEqual(vendorId, '', '`register` must return the vendor’s id.');
  const first = entriesOf(sandbox, server.url);
  assert.notEqual(first.length, 0, 'The vendor has no webhook of this connection.');
  await assertState(registration, target, settings, 'registered');
  // As after a restart, or after the first response was lost.
  for (const again of [target, { url: server.url }]) {
    const second = await register(registration, hook, again);
    assert.deepEqual(entriesOf(sandbox, server.url), first, 'Registering again must keep the existing entries.');
    assert.equal(second.target.vendorId, vendorId, 'The entry must keep its id.');
    await assertState(registration, second.target, second.settings, 'registered');
  }
  assert.equal(sandbox.webhooks.length, first.length, 'The vendor has webhooks that were not requested.');
}

async function noticesDrift(registration: WebhookRegistration, hook: Hook): Promise<void> {
  const { sandbox, server, otherKey } = hook;
  const { target, settings } = await register(registration, hook);
  if (hook.adapter.webhooks?.authentication === 'shared-secret') {
    // The vendor has an outdated secret.
    const { state } = await registration.status(target, { ...settings, ...otherKey });
    assert.notEqual(state, 'registered', 'The vendor has a different secret than would be registered.');
  }
  // The URL of another connection: on the same server, so that a ping is answered.
  const moved = { ...target, url: `${server.url.slice(0, -1)}f` };
  const { state, drift = [] } = await registration.status(moved, settings);
  assert.notEqual(state, 'registered', 'The vendor has a different address than would be registered.');
  assert(state !== 'drifted' || drift.length > 0, 'The drift must be described.');
  for (const sentence of drift) assert.match(sentence, /^\S[^]{8,}[.!?]$/, 'The drift must be described in sentences.');
  const updated = await register(registration, hook, moved);
  await assertState(registration, updated.target, updated.settings, 'registered');
  assert.notEqual(entriesOf(sandbox, moved.url).length, 0, 'The vendor still has the old address.');
  assert.deepEqual(entriesOf(sandbox, target.url), [], 'The old address must be removed.');
}

async function leavesOthersAlone(registration: WebhookRegistration, hook: Hook): Promise<void> {
  const { sandbox, server, settings } = hook;
  if (sandbox.addForeignWebhook === undefined) assert.fail('The sandbox needs addForeignWebhook for this check.');
  sandbox.addForeignWebhook(FOREIGN);
  const before = JSON.stringify(sandbox.webhooks);
  const foreign = (): string => JSON.stringify(sandbox.webhooks.filter(({ url }) => url === FOREIGN));
  const unmoved = (what: string): void =>
    assert.equal(foreign(), before, `A webhook of someone else was changed: ${what}.`);

  const outcome = await endOf(register(registration, hook), 'Registering next to another webhook');
  const isConflict = outcome instanceof AdapterError && outcome.details.code === 'webhook_conflict';
  assert(
    outcome === undefined || isConflict,
    `A webhook of someone else may only cause webhook_conflict: ${String(outcome)}`,
  );
  unmoved('by registering');
  for (const vendorId of ODD_IDS) {
    await endOf(registration.status({ url: server.url, vendorId }, settings), 'Reading the registration status');
    await endOf(registration.unregister({ url: server.url, vendorId }, settings), 'Unregistering');
    unmoved(`by unregistering the id ${JSON.stringify(vendorId)}`);
  }
}

async function removes(registration: WebhookRegistration, hook: Hook): Promise<void> {
  const { sandbox, server } = hook;
  const { target, settings } = await register(registration, hook);
  await registration.unregister(target, settings);
  assert.deepEqual(entriesOf(sandbox, server.url), [], 'The vendor still has the webhook.');
  await assertState(registration, target, settings, 'not_registered');
  await assert.doesNotReject(
    registration.unregister(target, settings),
    'Unregistering a removed webhook must succeed.',
  );
  await assert.doesNotReject(
    registration.unregister({ url: server.url }, settings),
    'Unregistering a webhook that never existed must succeed.',
  );
  const again = await register(registration, hook, target);
  await assertState(registration, again.target, again.settings, 'registered');
  // Without the id, the address must be sufficient.
  await registration.unregister({ url: server.url }, again.settings);
  assert.deepEqual(entriesOf(sandbox, server.url), [], 'Without its id, the webhook was not found by its address.');
}

async function isReady(registration: WebhookRegistration, hook: Hook): Promise<void> {
  const { server, sandbox } = hook;
  const registering = register(registration, hook);
  await endOf(registering, 'Registering');
  assertVerified(hook, 'during registration');
  const { target, settings } = await registering;
  await registration.test?.(target, settings);
  await sandbox.settled();
  assertVerified(hook, 'as a test');
  if (registration.test !== undefined) assert.notEqual(server.received.length, 0, 'The vendor posted no test.');
}

function assertVerified({ server }: Hook, when: string): void {
  const verdicts = server.received.map(({ verdict }) => verdict);
  const refused = verdicts.filter((verdict) => verdict !== 'verified');
  assert.deepEqual(refused, [], `What the vendor posted ${when} was rejected.`);
}

async function assertState(
  registration: WebhookRegistration,
  target: RegistrationTarget,
  settings: object,
  expected: string,
): Promise<void> {
  const { state, drift = [] } = await registration.status(target, settings);
  assert.equal(state, expected, `The webhook is ${state}, not ${expected}. ${drift.join(' ')}`);
}
