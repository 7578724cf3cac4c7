import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { CallOptions } from '../../outbound/outbound-connector.ts';
import {
  plainMessage,
  RECIPIENT,
  silentProbe,
  TARGET,
  validSettings,
  withSandbox,
  withServer,
} from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { assertWellFormed, promptErrorOf, promptly } from '../bench/failure.ts';
import { tcpServer } from '../bench/loopback-server.ts';

const FLIGHT_MS = 50;
const ENDED = new Set(['aborted', 'timeout']);

export function abortChecks(context: Context): readonly ConformanceCheck[] {
  return [
    check('abort-obeyed', 'sends nothing if the signal was aborted before the call', () => isOverAlready(context)),
    check('abort-obeyed', 'ends when it is aborted, at any point', () => endsInFlight(context)),
    check('abort-obeyed', 'ends at its deadline', () => endsAtDeadline(context)),
  ];
}

async function isOverAlready(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const options = { signal: AbortSignal.abort() };
    const { details } = await promptErrorOf(adapter.send(plainMessage(), settings, options), 'Sending after the abort');
    assert.equal(details.code, 'aborted');
    // A server needs a moment to receive what was sent by mistake.
    await delay(FLIGHT_MS);
    assert.equal(sandbox.mails.length, 0, 'The message was sent anyway.');
  });
}

async function endsInFlight(context: Context): Promise<void> {
  await withSilence(context, async (adapter, settings) => {
    for (const [what, call] of callsOf(adapter, settings)) {
      const control = new AbortController();
      const ending = delay(FLIGHT_MS).then(() => control.abort());
      assert.equal(await codeOf(call({ signal: control.signal }), what), 'aborted', `${what} must end with aborted.`);
      await ending;
    }
  });
}

async function endsAtDeadline(context: Context): Promise<void> {
  await withSilence(context, async (adapter, settings) => {
    for (const [what, call] of callsOf(adapter, settings)) {
      const code = await codeOf(call({ signal: AbortSignal.timeout(FLIGHT_MS) }), what);
      assert(ENDED.has(code), `${what} must end with timeout, not ${code}.`);
    }
  });
}

/** A vendor that accepts every connection and never responds. */
async function withSilence(context: Context, work: (adapter: EmailAdapter, settings: object) => Promise<void>) {
  const settings = await withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
  await withServer(
    context,
    tcpServer(() => undefined),
    (adapter) => work(adapter, settings),
  );
}

type Call = (options: CallOptions) => Promise<unknown>;

function callsOf(adapter: EmailAdapter, settings: object): readonly (readonly [what: string, call: Call])[] {
  const registration = adapter.webhooks?.registration;
  return [
    ['Sending', (options) => adapter.send(plainMessage(), settings, options)],
    ...(adapter.sendBatch === undefined
      ? []
      : ([['Sending a batch', (options) => batchError(adapter, settings, options)]] satisfies readonly (readonly [
          string,
          Call,
        ])[])),
    [
      'A diagnosis',
      async (options) => {
        const { error } = await adapter.diagnose(settings, silentProbe({ to: [RECIPIENT] }), options);
        return error;
      },
    ],
    ...(registration === undefined
      ? []
      : ([
          ['Registering', (options) => registration.register(TARGET, settings, options)],
          ['Reading the registration status', (options) => registration.status(TARGET, settings, options)],
          ['Unregistering', (options) => registration.unregister(TARGET, settings, options)],
        ] satisfies readonly (readonly [string, Call])[])),
  ];
}

async function batchError(adapter: EmailAdapter, settings: object, options: CallOptions): Promise<unknown> {
  const [result] = (await adapter.sendBatch?.([plainMessage()], settings, options)) ?? [];
  return result !== undefined && 'error' in result ? result.error : undefined;
}

/** The calls that return their error. */
const RETURNING: ReadonlySet<string> = new Set(['A diagnosis', 'Sending a batch']);

/** The code of the error that a call rejects with, or returns. */
async function codeOf(call: Promise<unknown>, what: string): Promise<string> {
  if (!RETURNING.has(what)) return (await promptErrorOf(call, what)).details.code;
  const error = (await promptly(call, what)) as Parameters<typeof assertWellFormed>[0] | undefined;
  assert(error !== undefined, `${what} that was aborted must report it.`);
  assertWellFormed(error, what);
  return error.code;
}
