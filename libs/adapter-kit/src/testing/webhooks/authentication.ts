import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import { validSettings, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck, type ConformanceRule, type WebhookKey } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import {
  alterations,
  alteredBodies,
  type AuthenticatedRequest,
  authenticatedRequest,
} from './authenticated-request.ts';
import { jsonOf } from './parsed.ts';

const ODD_BODIES = [Buffer.alloc(0), Buffer.from('\ufeff[ ]\r\n'), Buffer.of(0xff, 0xfe, 0, 1, 0x80)];
const ODD_VALUES = ['A'.repeat(100_000), 'Basic', 'Bearer ', 'Basic ====', ':', 'ä', '\ud800', '\0'];
const MAX_BODIES = 5;

/** A key, requests authenticated with it, and settings that have it. */
interface Authenticated {
  readonly context: Context;
  readonly webhook: WebhookContext;
  readonly key: WebhookKey;
  readonly settings: object;
  /** Settings of the same connection, changed. */
  readonly settingsWith: (change: object) => object;
  readonly posts: readonly AuthenticatedRequest[];
}

type AuthenticationCheck = readonly [
  rule: ConformanceRule,
  name: string,
  run: (authenticated: Authenticated) => Promise<void>,
];

const CHECKS: readonly AuthenticationCheck[] = [
  ['authentication-verifies', 'verifies what the vendor posts', verifies],
  ['authentication-covers-values', 'rejects altered credentials', coversValues],
  ['authentication-required', 'rejects a request without credentials', isRequired],
  ['authentication-once', 'rejects credentials that occur twice', countsOnce],
  ['authentication-by-own-key', 'rejects the credentials of another key', belongsToItsKey],
  ['authentication-needs-a-key', 'verifies nothing without a key', needsKey],
  ['authentication-before-body', 'decides by the head if the body is not needed', decidesEarly],
  ['authentication-never-throws', 'returns a verdict for every request', neverThrows],
];

export function authenticationChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  const checks: readonly AuthenticationCheck[] =
    webhook.receiver.authentication === 'signature'
      ? [...CHECKS, ['authentication-covers-body', 'rejects an altered body', coversBody]]
      : CHECKS;
  return checks.map(([rule, name, run]) =>
    check(rule, name, () => withKey(context, webhook, run), rule === 'authentication-never-throws' ? context.runs : 0),
  );
}

async function withKey(
  context: Context,
  webhook: WebhookContext,
  run: (authenticated: Authenticated) => Promise<void>,
): Promise<void> {
  await withSandbox(context, async ({ sandbox }) => {
    const key = webhook.subject.newKey();
    const settingsWith = (change: object): object => validSettings(context, { ...sandbox.settings, ...change });
    const bodies = webhook.fixtures.flatMap(({ request, expected }) =>
      expected === 'malformed' ? [] : [request.body],
    );
    // Some vendors write no spaces, and fixtures are formatted for people.
    const compact = bodies.slice(0, MAX_BODIES).flatMap((body) => {
      const json = jsonOf(body);
      return json === undefined ? [] : [Buffer.from(JSON.stringify(json.json))];
    });
    const own = [...bodies.slice(0, MAX_BODIES), ...compact].map((body) => authenticatedRequest(key, body));
    const odd = own.some(({ inBody }) => inBody) ? [] : ODD_BODIES.map((body) => authenticatedRequest(key, body));
    assert.notEqual(own.length, 0, 'There is no fixture to authenticate.');
    await run({ context, webhook, key, settings: settingsWith(key.settings), settingsWith, posts: [...own, ...odd] });
  });
}

async function verifies({ webhook: { receiver }, settings, posts }: Authenticated): Promise<void> {
  for (const { request, parts } of posts) {
    assert.notEqual(parts.length, 0, '`sign` added nothing to the request.');
    assert.equal(await receiver.authenticate(request, settings), 'verified', 'The vendor’s requests must be verified.');
    const bytes = { ...request, body: Uint8Array.from(request.body) };
    assert.equal(await receiver.authenticate(bytes, settings), 'verified', 'The body need not be a Buffer.');
    // Added by a proxy.
    const more = {
      ...request,
      headers: { ...request.headers, 'x-forwarded-for': '203.0.113.9' },
      query: { ...request.query, x: '' },
    };
    assert.equal(
      await receiver.authenticate(more, settings),
      'verified',
      'Unrelated headers and parameters must not matter.',
    );
  }
}

async function coversValues(authenticated: Authenticated): Promise<void> {
  for (const { parts } of authenticated.posts) {
    for (const { name, value, ...part } of parts) {
      for (const altered of alterations(value)) {
        await assertRefused(authenticated, part.with(altered), `The ${name} was altered from ${value} to ${altered}.`);
      }
    }
  }
}

async function coversBody(authenticated: Authenticated): Promise<void> {
  for (const { request } of authenticated.posts) {
    for (const { body, how } of alteredBodies(request.body)) {
      await assertRefused(authenticated, { ...request, body }, `The body was altered: ${how}.`);
    }
  }
}

async function isRequired(authenticated: Authenticated): Promise<void> {
  const { receiver } = authenticated.webhook;
  for (const { parts, request, inBody } of authenticated.posts) {
    for (const { name, ...part } of parts) {
      for (const nothing of part.repeatable ? [undefined, '', []] : [undefined, '']) {
        await assertRefused(authenticated, part.with(nothing), `The ${name} is missing.`);
      }
    }
    const bare = inBody
      ? { headers: {}, query: {}, body: Buffer.from('{}') }
      : { headers: {}, query: {}, body: request.body };
    assert.equal(
      await receiver.authenticate(bare, authenticated.settings),
      'missing',
      'Without any credentials, the verdict must be `missing`.',
    );
  }
}

async function countsOnce(authenticated: Authenticated): Promise<void> {
  for (const { parts } of authenticated.posts) {
    for (const { name, value, repeatable, ...part } of parts) {
      if (repeatable) {
        for (const twice of [
          [value, value],
          [value, 'x'],
          ['x', value],
        ]) {
          await assertRefused(authenticated, part.with(twice), `The ${name} occurred twice.`);
        }
      }
      for (const twice of [value + value, `${value}, ${value}`, `${value},${value}`]) {
        await assertRefused(authenticated, part.with(twice), `The ${name} occurred twice in one value.`);
      }
    }
  }
}

async function belongsToItsKey(authenticated: Authenticated): Promise<void> {
  const { webhook, key, settingsWith } = authenticated;
  const other = webhook.subject.newKey();
  assert.notDeepEqual(other.settings, key.settings, '`newKey` must return a new key on each call.');
  const [body = Buffer.from('{}')] = webhook.fixtures.map(({ request }) => request.body);
  const { request } = authenticatedRequest(other, body);
  const byOwn = await webhook.receiver.authenticate(request, settingsWith(other.settings));
  assert.equal(byOwn, 'verified', 'Requests authenticated with a key must be verified with it.');
  // Having verified with a key must not matter: it belongs to another connection.
  await assertRefused(authenticated, request, 'Another key was used.');
}

async function needsKey({ webhook: { receiver }, key, settings, posts }: Authenticated): Promise<void> {
  const names = Object.keys(key.settings);
  const without = { ...settings, ...Object.fromEntries(names.map((name) => [name, undefined])) };
  const empty = { ...settings, ...Object.fromEntries(names.map((name) => [name, ''])) };
  const bare: WebhookRequest = { headers: {}, query: {}, body: Buffer.alloc(0) };
  for (const request of [bare, ...posts.map((post) => post.request)]) {
    for (const keyless of [without, empty]) {
      const verdict = await receiver.authenticate(request, keyless);
      assert.equal(verdict, 'not_configured', 'Without a key, the verdict must always be `not_configured`.');
    }
  }
}

/** A body is read only if the head leaves the decision open, so that unauthenticated bodies use no memory. */
async function decidesEarly({ webhook, settings, settingsWith, key, posts }: Authenticated): Promise<void> {
  const { receiver } = webhook;
  const names = Object.keys(key.settings);
  const keyless = settingsWith(Object.fromEntries(names.map((name) => [name, undefined])));
  for (const { request, parts, inBody } of posts) {
    const { body: _unread, ...head } = request;
    const isSecret = receiver.authentication === 'shared-secret' && !inBody;
    assert.equal(
      receiver.authenticateHead(head, settings),
      isSecret ? 'verified' : 'needs_body',
      isSecret
        ? 'A secret in the head must be verified without the body.'
        : 'A signature over the body needs the body.',
    );
    assert.equal(
      receiver.authenticateHead(head, keyless),
      'not_configured',
      'Without a key, the body must not be read.',
    );
    const bare = { headers: {}, query: {} };
    assert.equal(
      receiver.authenticateHead(bare, settings),
      inBody ? 'needs_body' : 'missing',
      'An empty request was sent.',
    );
    const others = inBody
      ? []
      : [
          ...parts.flatMap((part) => [part.with(`${part.value}x`), part.with(undefined), part.with('')]),
          authenticatedRequest(webhook.subject.newKey(), request.body).request,
        ];
    for (const other of others) {
      const byHead = receiver.authenticateHead({ headers: other.headers, query: other.query }, settings);
      const byAll = await receiver.authenticate(other, settings);
      assert(
        byHead === byAll || byHead === 'needs_body',
        `The head results in ${byHead}, the complete request in ${byAll}.`,
      );
      assert(!isSecret || byHead !== 'needs_body', 'A wrong secret in the head must be rejected without the body.');
    }
  }
}

async function neverThrows(authenticated: Authenticated): Promise<void> {
  const [{ request, parts } = assert.fail('There is no request.')] = authenticated.posts;
  for (const { name, ...part } of parts) {
    for (const text of ODD_VALUES)
      await assertRefused(authenticated, part.with(text), `The ${name} was ${text.slice(0, 20)}.`);
  }
  const odd = fc.oneof(fc.string(), fc.string({ unit: 'binary-ascii' }), fc.constantFrom(...ODD_VALUES));
  const value = fc.oneof(odd, fc.array(odd, { maxLength: 3 }), fc.constant(undefined));
  const forged = fc.record({ part: fc.constantFrom(...parts), value, body: fc.uint8Array({ maxLength: 50 }) });
  const property = fc.asyncProperty(forged, async ({ part, value, body }) => {
    if (value === part.value) return;
    const inPlace = part.with(part.repeatable || typeof value !== 'object' ? value : String(value));
    await assertRefused(authenticated, inPlace, `The ${part.name} was ${JSON.stringify(value)}.`);
    await assertRefused(
      authenticated,
      { headers: { ...inPlace.headers }, query: {}, body },
      'An arbitrary request was sent.',
    );
  });
  await fc.assert(property, { numRuns: authenticated.context.runs });
  const wrong = Object.fromEntries(Object.keys(authenticated.key.settings).map((name) => [name, 'no key at all']));
  const verdict = await authenticated.webhook.receiver.authenticate(request, { ...authenticated.settings, ...wrong });
  assert.notEqual(verdict, 'verified', 'Settings without a key must verify nothing.');
}

const REFUSALS = new Set(['invalid', 'missing', 'malformed']);

async function assertRefused(
  { webhook: { receiver }, settings }: Authenticated,
  request: WebhookRequest,
  what: string,
): Promise<void> {
  const verdict = await receiver.authenticate(request, settings);
  assert(REFUSALS.has(verdict), `${what} The request must be rejected, but the verdict was ${verdict}.`);
}
