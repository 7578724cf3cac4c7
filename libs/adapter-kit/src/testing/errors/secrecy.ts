import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
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
import { endOf, promptly } from '../bench/failure.ts';
import { type LoopbackServer, httpServer, tcpServer } from '../bench/loopback-server.ts';
import { carries, formsOf } from '../bench/record.ts';
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

function assertNoSecret(outcomes: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    assert(!carries(outcomes, secret), `A secret is disclosed: it ends in “${secret.slice(-3)}”.`);
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
