import assert from 'node:assert/strict';
import { jsonPointer } from '../../validation/fields.ts';
import { validateInput } from '../../validation/validate-input.ts';
import { plainMessage, RECIPIENT, silentProbe, validSettings, withSandbox, withValue } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { bodyOf, carries, record, recordAt } from '../bench/record.ts';
import type { Recording } from '../bench/services.ts';
import { otherValues } from './declared-fields.ts';

const SECRET_NAMES = /pass(?:word|phrase)|secret|token|credential|(?:api|access|private|signing)_?key$/i;

const PROBES = [silentProbe(), silentProbe({ to: [RECIPIENT] })];

export function secretsChecks(context: Context): readonly ConformanceCheck[] {
  return [
    check('secrets-declared', 'declares its secrets', () => secretsAreDeclared(context)),
    check('secrets-bound', 'binds its secrets to their destination', () => secretsAreBound(context)),
    ...(context.fields.some(({ inboundOnly }) => inboundOnly === true)
      ? [check('inbound-only', 'sends and tests without the secrets of its webhook', () => inboundOnlyIs(context))]
      : []),
    ...(context.adapter.presets === undefined
      ? []
      : [check('secrets-declared', 'has presets that are valid and contain no secrets', () => presetsAreFit(context))]),
  ];
}

async function secretsAreDeclared(context: Context): Promise<void> {
  const secrets = context.fields.filter(({ secret }) => secret === true);
  const outgoing = secrets.filter(({ inboundOnly }) => inboundOnly !== true).map(({ name }) => name);
  for (const { name, secret, inboundOnly } of context.fields) {
    if (secret === true) continue;
    assert.doesNotMatch(name, SECRET_NAMES, `${name} is named like a secret but not declared as one.`);
    assert.notEqual(inboundOnly, true, `${name} is inboundOnly but not a secret.`);
  }
  assert.notEqual(outgoing.length, 0, 'No field is a secret that authenticates the account.');
  await withSandbox(context, async ({ settings }) => {
    const { requests } = await record(context, settings);
    const values = outgoing.flatMap((name) => textOf(settings, name));
    for (const request of requests) {
      const headers = JSON.stringify(request.headers ?? {});
      assert(
        values.some((value) => carries(`${headers}\n${bodyOf(request)}`, value)),
        `${request.method} ${String(request.url)} contains no declared secret, so the credentials are not declared.`,
      );
      // URLs end up in the logs of every machine on the way.
      assert(
        !values.some((value) => carries(String(request.url), value)),
        `${request.method} ${new URL(request.url).pathname} has a secret in its URL.`,
      );
    }
  });
}

async function secretsAreBound(context: Context): Promise<void> {
  await withSandbox(context, async ({ settings }) => {
    for (const field of context.fields) {
      if (field.secret === true || field.bindsSecret === true) continue;
      let first: readonly string[] | undefined;
      for (const value of otherValues(field, undefined)) {
        const other = withValue(context, settings, field, value);
        if (other === undefined) continue;
        const there = destinations(await record(context, other));
        first ??= there;
        const message = `${field.name} decides where secrets are sent, but is not declared with bindsSecret.`;
        assert.deepEqual(there, first, message);
      }
    }
  });
}

/** Sending and testing neither need these secrets nor disclose them to the vendor. */
async function inboundOnlyIs(context: Context): Promise<void> {
  const names = context.fields.flatMap(({ name, inboundOnly }) => (inboundOnly === true ? [name] : []));
  await withSandbox(context, async (bench) => {
    const { adapter, sandbox } = bench;
    const { settings: keys = {} } = context.webhook?.subject.newKey() ?? {};
    const complete = validSettings(context, { ...sandbox.settings, ...keys });
    const without = Object.assign(new context.adapter.settings(), complete);
    for (const name of names) Reflect.deleteProperty(without, name);
    const which = names.join(' and ');
    await assert.doesNotReject(adapter.send(plainMessage(), without), `A message cannot be sent without ${which}.`);
    for (const probe of PROBES) {
      const { error } = await adapter.diagnose(without, probe);
      assert.equal(error, undefined, `An account cannot be tested without ${which}.`);
    }
    const { requests } = await recordAt(context, bench, async (listening) => {
      await listening.send(plainMessage(), complete);
      for (const probe of PROBES) await listening.diagnose(complete, probe);
    });
    for (const request of requests) {
      const sent = [request.url, JSON.stringify(request.headers ?? {}), bodyOf(request)].join('\n');
      for (const name of names) {
        const isSent = textOf(complete, name).some((value) => carries(sent, value));
        assert(!isSent, `${request.method} ${new URL(request.url).pathname} sends ${name} to the vendor.`);
      }
    }
  });
}

async function presetsAreFit(context: Context): Promise<void> {
  const { adapter, fields } = context;
  const secrets = new Set(fields.flatMap(({ name, secret }) => (secret === true ? [name] : [])));
  const keys = adapter.presets?.map(({ key }) => key) ?? [];
  assert.deepEqual([...new Set(keys)], keys, 'Two presets have the same key.');
  await withSandbox(context, ({ sandbox }) => {
    for (const { key, settings } of adapter.presets ?? []) {
      const names = Object.keys(settings);
      const revealed = names.filter((name) => secrets.has(name));
      assert.deepEqual(revealed, [], `The preset ${key} contains a secret.`);
      const result = validateInput(adapter.settings, { ...sandbox.settings, ...settings });
      const wrong = result.ok
        ? []
        : result.errors.filter(({ pointer }) => names.map((n) => jsonPointer(n)).includes(pointer));
      assert.deepEqual(wrong, [], `The preset ${key} is not valid.`);
    }
  });
}

function destinations({ requests, targets }: Recording): readonly string[] {
  return [...new Set([...requests.map(({ url }) => new URL(url).origin), ...targets])].sort();
}

function textOf(settings: object, name: string): readonly string[] {
  const value = (settings as Record<string, unknown>)[name];
  return typeof value === 'string' ? [value] : [];
}
