import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VendorSandbox } from '../../sandbox/vendor-sandbox.ts';
import type {
  RegistrationTarget,
  WebhookReceiver,
  WebhookRegistration,
  WebhookRequest,
  WebhookVerdict,
} from '../../webhooks/webhook-receiver.ts';
import { type Bench, validSettings, withSandbox } from '../bench/bench.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import type { ParsedEvent } from '../../events/email-event.ts';

/** An adapter under test, and the webhook of its connection. */
export interface Hook extends Bench {
  readonly server: WebhookServer;
  /** Settings with a different key. */
  readonly otherKey: object;
}

const PACE_MS = 2;

/** Runs a function with a webhook that is running and not yet registered with the vendor. */
export async function withHook(
  context: Context,
  { receiver, subject }: WebhookContext,
  work: (hook: Hook) => Promise<void>,
): Promise<void> {
  await withSandbox(
    context,
    async (bench) => {
      const { settings: secrets } = subject.newKey();
      const settings = validSettings(context, { ...bench.sandbox.settings, ...secrets });
      const server = await webhookServer(receiver, settings);
      try {
        await work({ ...bench, settings, server, otherKey: subject.newKey().settings });
      } finally {
        await server.close();
      }
    },
    { paceMs: PACE_MS },
  );
}

/** Registers the webhook, keeps the settings that the vendor created for it, and returns its target. */
export async function register(
  registration: WebhookRegistration,
  hook: Hook,
  target: RegistrationTarget = { url: hook.server.url },
): Promise<{ readonly target: RegistrationTarget; readonly settings: object }> {
  const { vendorId, settings: made = {} } = await registration.register(target, hook.settings);
  const settings = Object.assign(
    Object.create(Object.getPrototypeOf(hook.settings) as object) as object,
    hook.settings,
    made,
  );
  hook.server.settings = settings;
  return { target: { ...target, vendorId }, settings };
}

/** The vendor's webhooks that belong to this connection. */
export function entriesOf({ webhooks }: VendorSandbox, url: string): readonly string[] {
  return webhooks
    .filter((entry) => entry.url.startsWith(url))
    .map(({ id }) => id)
    .sort();
}

/** One request and its result. */
export interface Received {
  readonly verdict: WebhookVerdict;
  readonly events: readonly ParsedEvent[];
}

/** The webhook of a connection, with the application's responses. */
interface WebhookServer {
  /** Its URL, without a query. */
  readonly url: string;
  readonly received: readonly Received[];
  /** The settings used for authentication. */
  settings: object;
  close(): Promise<void>;
}

async function webhookServer(receiver: WebhookReceiver, settings: object): Promise<WebhookServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<number> => {
      if (request.method === 'GET' || request.method === 'HEAD') return 200;
      const post = await read(request);
      const byHead = receiver.authenticateHead(post, hook.settings);
      const isRead = byHead === 'verified' || byHead === 'needs_body';
      const verdict = isRead ? await receiver.authenticate(post, hook.settings) : byHead;
      const events = verdict === 'verified' ? receiver.parse(stored(receiver, post)) : [];
      received.push({ verdict, events });
      return verdict === 'verified' ? 200 : 401;
    };
    answer().then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(400).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const hook: WebhookServer = {
    url: `http://127.0.0.1:${String(port)}/webhooks/v2/vendor/0198c0de-1234-7abc-8def-0123456789ab`,
    received,
    settings,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return hook;
}

async function read(request: IncomingMessage): Promise<WebhookRequest> {
  const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const query = Object.fromEntries(
    [...searchParams.keys()].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [
      name,
      values.length > 1 ? values : values[0],
    ]),
  );
  return { headers, query, body: Buffer.concat((await request.toArray()) as Buffer[]) };
}

/** The stored part of a request, which is all that is ever parsed. */
function stored({ parameters = [] }: WebhookReceiver, { headers, query, body }: WebhookRequest): WebhookRequest {
  return {
    headers: { 'content-type': headers['content-type'] },
    query: Object.fromEntries(parameters.flatMap((name) => (name in query ? [[name, query[name]]] : []))),
    body,
  };
}
