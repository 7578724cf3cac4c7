import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { isJsonObject, parseJson, stringifyJson } from '../../json/json.ts';
import {
  type Bench,
  plainMessage,
  RECIPIENT,
  silentProbe,
  TARGET,
  validSettings,
  withSandbox,
  withServer,
} from '../bench/bench.ts';
import type { RegistrationTarget, WebhookRegistration } from '../../webhooks/webhook-receiver.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { endOf, promptly } from '../bench/failure.ts';
import { type LoopbackServer, httpServer, tcpServer } from '../bench/loopback-server.ts';
import { carries, formsOf } from '../bench/record.ts';
import { type Hook, register, withHook } from '../registration/hook.ts';
import { errorBodies } from './statuses.ts';

const STATUSES = [200, 302, 400, 401, 403, 404, 429, 500];
const DEADLINE_MS = 2_000;

export function secrecyChecks(context: Context): readonly ConformanceCheck[] {
  return [
    check('no-secret-disclosed', 'discloses no secret in the failures of the sandbox', () =>
      hidesSecretsInFailures(context),
    ),
    ...(context.http
      ? STATUSES.map((status) =>
          check('no-secret-disclosed', `discloses no secret that the vendor returns with ${String(status)}`, () =>
            hidesSecretsFrom(context, (secrets) => echoes(context, status, secrets)),
          ),
        )
      : [
          check('no-secret-disclosed', 'discloses no secret that the vendor returns in a reply', () =>
            hidesSecretsFrom(context, (secrets) => secrets.flatMap(formsOf).map((form) => () => mailEcho(form))),
          ),
        ]),
    check('no-secret-disclosed', 'discloses no secret that the vendor returns with a success', () =>
      context.http ? hidesSecretsInSuccesses(context) : hidesSecretsInAcceptance(context),
    ),
  ];
}

async function hidesSecretsInFailures(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox }) => {
    for (const change of Object.values(sandbox.failures)) {
      const settings = validSettings(context, { ...sandbox.settings, ...change });
      assertNoSecret(await everyOutcome(adapter, settings), secretsOf(context, settings));
    }
  });
}

async function hidesSecretsFrom(
  context: Context,
  echoesFor: (secrets: readonly string[]) => readonly (() => Promise<LoopbackServer>)[],
): Promise<void> {
  const settings = await withSandbox(context, ({ sandbox }) =>
    validSettings(context, { ...sandbox.settings, ...context.webhook?.subject.newKey().settings }),
  );
  const secrets = secretsOf(context, settings);
  for (const start of echoesFor(secrets)) {
    const outcomes = await withServer(context, start(), (adapter) => everyOutcome(adapter, settings));
    assertNoSecret(outcomes, secrets);
  }
}

/** Everything that the calls of an adapter return, as text: errors with their causes, and diagnoses. */
async function everyOutcome(adapter: EmailAdapter, settings: object): Promise<string> {
  const options = { signal: AbortSignal.timeout(DEADLINE_MS) };
  const registration = adapter.webhooks?.registration;
  const outcomes = [
    await endOf(adapter.send(plainMessage(), settings, options), 'Sending'),
    await promptly(adapter.diagnose(settings, silentProbe({ to: [RECIPIENT] }), options), 'A diagnosis'),
    ...(registration === undefined
      ? []
      : [
          await endOf(registration.register(TARGET, settings, options), 'Registering'),
          await endOf(registration.status(TARGET, settings, options), 'Reading the registration status'),
          await endOf(registration.unregister(TARGET, settings, options), 'Unregistering'),
        ]),
  ];
  return outcomes.map(asText).join('\n');
}

function asText(value: unknown): string {
  const { stack = '', message = '' } = (value ?? {}) as Partial<Error>;
  return [inspect(value, { depth: 12, showHidden: true }), JSON.stringify(value), String(value), message, stack].join(
    '\n',
  );
}

function assertNoSecret(outcomes: string, secrets: readonly string[], where = 'A failure'): void {
  for (const secret of secrets) {
    assert(!carries(outcomes, secret), `${where}: a secret is disclosed that ends in “${secret.slice(-3)}”.`);
  }
}

function secretsOf({ fields }: Context, settings: object): readonly string[] {
  const values = fields
    .filter(({ secret }) => secret === true)
    .map(({ name }) => (settings as Record<string, unknown>)[name]);
  return values.filter((value) => typeof value === 'string');
}

/** Vendors that return what they received, each in a different way. */
function echoes(
  context: Context,
  status: number,
  secrets: readonly string[],
): readonly (() => Promise<LoopbackServer>)[] {
  const words = secrets.flatMap(formsOf).join(' and ');
  const bodies = errorBodies(context, `Not with ${words}.`, status).map(({ body }) => body);
  return [
    ...[...bodies, words].map(
      (body) => () => httpServer((request, response) => answer(request, response, status, body)),
    ),
    () => httpServer((request, response) => void echo(request, response, status)),
  ];
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  const headers = { authorization: request.headers.authorization ?? '', location: '/elsewhere' };
  request.resume().on('end', () => response.writeHead(status, headers).end(body));
}

async function echo(request: IncomingMessage, response: ServerResponse, status: number): Promise<void> {
  const body = Buffer.concat((await request.toArray().catch(() => [])) as Buffer[]).toString();
  response.writeHead(status).end(JSON.stringify({ message: [request.url, request.rawHeaders, body].flat().join(' ') }));
}

/** A mail server that rejects every login and quotes it in the reply. */
function mailEcho(form: string): Promise<LoopbackServer> {
  return tcpServer((socket: Socket) => {
    socket.write('220 mail.example ESMTP\r\n');
    socket.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trim();
      if (/^(?:EHLO|HELO)/i.test(line)) socket.write('250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n');
      else socket.write(`535 5.7.8 Not with ${line} nor ${form}\r\n`);
    });
  });
}

/** A call that succeeds at the sandbox. */
interface AcceptedCall {
  readonly what: string;
  readonly before?: () => Promise<unknown>;
  /** Whether it changes what `before` prepared. */
  readonly writes?: boolean;
  /** Resolves to what users see of the result: all but the vendor’s ids and keys, which are stored unchanged. */
  readonly run: () => Promise<unknown>;
}

/** Adds the secrets to each text of the vendor’s successful responses, one after the other. */
async function hidesSecretsInSuccesses(context: Context): Promise<void> {
  const { webhook } = context;
  if (webhook === undefined) return withSandbox(context, (bench) => relaying(context, bench, undefined));
  return withHook(context, webhook, (hook) => relaying(context, hook, hook));
}

async function relaying(context: Context, { sandbox, settings }: Bench, hook: Hook | undefined): Promise<void> {
  const secrets = secretsOf(context, settings);
  const words = secrets.flatMap(formsOf).join(' and ');
  const seen = new Set<string>();
  let chosen: string | undefined;
  const relay = relayTo(sandbox.url ?? '', (place, text) => {
    seen.add(place);
    return place === chosen ? `${text} ${words}` : text;
  });
  await withServer(context, relay, async (adapter) => {
    for (const { what, before = async () => undefined, writes = false, run } of acceptedCalls(
      adapter,
      settings,
      hook,
    )) {
      // Whether they succeed is for other rules to report.
      await endOf(before(), what);
      seen.clear();
      await endOf(run(), what);
      const places = [...seen];
      for (const place of places) {
        if (writes) await endOf(before(), what);
        chosen = place;
        const outcome = await promptly(
          run().catch((error: unknown) => error),
          what,
        );
        chosen = undefined;
        assertNoSecret(asText(outcome), secrets, `${what} with secrets in the response at ${place}`);
      }
    }
  });
}

function acceptedCalls(adapter: EmailAdapter, settings: object, hook: Hook | undefined): readonly AcceptedCall[] {
  const diagnose = async (to: readonly string[]): Promise<unknown> => {
    const { sent, ...diagnosis } = await adapter.diagnose(settings, silentProbe({ to }));
    return [diagnosis, sent?.accepted, sent?.rejected];
  };
  const registration = adapter.webhooks?.registration;
  return [
    {
      what: 'Sending',
      run: async () => {
        const { messageId: _id, ...result } = await adapter.send(plainMessage(), settings);
        return result;
      },
    },
    { what: 'A diagnosis', run: () => diagnose([]) },
    { what: 'A test message', run: () => diagnose([RECIPIENT]) },
    ...(registration === undefined || hook === undefined ? [] : registrationCalls(registration, hook)),
  ];
}

/** The webhook is registered before most of them, by the same adapter. */
function registrationCalls(registration: WebhookRegistration, hook: Hook): readonly AcceptedCall[] {
  let target: RegistrationTarget = { url: hook.server.url };
  let { settings } = hook;
  const registered = async (): Promise<void> => {
    ({ target, settings } = await register(registration, { ...hook, settings }, target));
  };
  return [
    {
      what: 'Registering',
      before: () => registration.unregister(target, settings),
      writes: true,
      run: async () => void (await registration.register(target, settings)),
    },
    {
      what: 'Registering again',
      before: registered,
      writes: true,
      run: async () => void (await registration.register(target, settings)),
    },
    {
      what: 'Reading the registration status',
      before: registered,
      run: () => registration.status(target, settings),
    },
    ...(registration.test === undefined
      ? []
      : [{ what: 'A test event', before: registered, run: async () => registration.test?.(target, settings) }]),
  ];
}

type ChangeText = (place: string, text: string) => string;

/** A server that forwards to another, and changes the texts in the JSON of its successful responses. */
function relayTo(url: string, change: ChangeText): Promise<LoopbackServer> {
  return httpServer((request, response) => void forward(request, response, url, change));
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  change: ChangeText,
): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = request;
  const body = Buffer.concat((await request.toArray()) as Buffer[]);
  const forwarded = requestOf(url + path, { method, headers }).end(body);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  const text = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
  const { statusCode: status = 500, headers: received } = answer;
  // Ids in the path differ each time, and what is the same for several resources is tried for all of them together.
  const resource = `${method} ${path.replace(/\?.*/, '').replace(/^((?:\/[^/]*){2,})\/[^/]+$|[^/]*\d[^/]*/g, '$1/*')}`;
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...others } = received;
  response.writeHead(status, others).end(status < 300 ? withTexts(text, resource, change) : text);
}

/** @param at the place of the JSON; the positions in lists are left out */
function withTexts(json: string, at: string, change: ChangeText): string {
  const changed = (value: unknown, place: string): unknown => {
    if (typeof value === 'string') return change(place, value);
    if (Array.isArray(value)) return value.map((item) => changed(item, `${place}/*`));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, changed(member, `${place}/${name}`)]),
    );
  };
  try {
    return stringifyJson(changed(parseJson(json), at)) ?? json;
  } catch {
    return json;
  }
}

/** A mail server that accepts everything, and quotes the secrets in each reply. */
async function hidesSecretsInAcceptance(context: Context): Promise<void> {
  const settings = await withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
  const secrets = secretsOf(context, settings);
  const server = acceptingServer(secrets.flatMap(formsOf).join(' and '));
  await withServer(context, server, async (adapter) => {
    for (const { what, run } of acceptedCalls(adapter, settings, undefined)) {
      const outcome = await promptly(run(), what);
      assertNoSecret(asText(outcome), secrets, what);
    }
  });
}

function acceptingServer(words: string): Promise<LoopbackServer> {
  return tcpServer((socket: Socket) => {
    let isContent = false;
    let rest = '';
    const reply = (code: number): void => void socket.write(`${String(code)} ${words}\r\n`);
    reply(220);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (isContent) {
          if (line !== '.') continue;
          isContent = false;
          reply(250);
        } else if (/^(?:EHLO|HELO)/i.test(line)) {
          socket.write(`250-mail.example ${words}\r\n250 AUTH PLAIN LOGIN\r\n`);
        } else if (/^AUTH/i.test(line)) {
          reply(235);
        } else if (/^DATA/i.test(line)) {
          isContent = true;
          reply(354);
        } else {
          reply(/^QUIT/i.test(line) ? 221 : 250);
        }
      }
    });
  });
}
