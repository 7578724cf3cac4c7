import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { HttpClient, type HttpRequest } from '../../http/http-client.ts';
import { VendorEndpoints } from '../../http/vendor-api.ts';
import { type Bench, plainMessage, RECIPIENT, silentProbe, TARGET } from './bench.ts';
import type { Context } from './context.ts';
import { endOf } from './failure.ts';
import { listeningServices, LOOPBACK, makeAdapter, type Recording, recordingServices } from './services.ts';

/** What the adapter would send, and where, for every possible call. There are no responses. */
export async function record({ subject }: Context, settings: object): Promise<Recording> {
  const { recording, ...services } = recordingServices();
  const adapter = makeAdapter(subject.adapter, services);
  await makeCalls(adapter, settings);
  await adapter.release?.();
  return recording;
}

/** What the adapter sends to a sandbox in these calls. */
export async function recordAt(
  { subject, identity }: Context,
  { sandbox }: Bench,
  work: (adapter: EmailAdapter) => Promise<unknown>,
): Promise<Recording> {
  const http = new HttpClient(LOOPBACK);
  const endpoints = new VendorEndpoints(sandbox.url === undefined ? {} : { [identity.vendor]: sandbox.url });
  const { recording, ...services } = listeningServices(endpoints, http);
  const adapter = makeAdapter(subject.adapter, services);
  await work(adapter);
  await adapter.release?.();
  await http.onApplicationShutdown();
  return recording;
}

/** Makes every call that an adapter supports. The outcome does not matter. */
export async function makeCalls(adapter: EmailAdapter, settings: object, vendorId = TARGET.vendorId): Promise<void> {
  const target = { ...TARGET, vendorId };
  const registration = adapter.webhooks?.registration;
  const calls: readonly (() => Promise<unknown>)[] = [
    () => adapter.send(plainMessage(), settings),
    async () => adapter.sendBatch?.([plainMessage()], settings),
    () => adapter.diagnose(settings, silentProbe({ to: [RECIPIENT] })),
    ...(registration === undefined
      ? []
      : [
          () => registration.register(target, settings),
          () => registration.status(target, settings),
          () => registration.unregister(target, settings),
          async () => registration.test?.(target, settings),
        ]),
  ];
  for (const call of calls) await endOf(call(), 'A call without a vendor');
}

/** As text, for any type. */
export function bodyOf({ body = '' }: HttpRequest): string {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : JSON.stringify(body);
}

const BASE64 = /[A-Za-z0-9+/_-]{8,}/g;

/** Whether a text contains a secret: unchanged, URL-encoded, in hexadecimal or inside a base64 token. */
export function carries(text: string, secret: string): boolean {
  if (secret === '') return false;
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const lower = text.toLowerCase();
  if (plain.some((form) => text.includes(form))) return true;
  if (lower.includes(Buffer.from(secret).toString('hex'))) return true;
  // With text before it, a token may start at any of four offsets.
  const tokens = (text.match(BASE64) ?? []).flatMap((token) => [0, 1, 2, 3].map((start) => token.slice(start)));
  return tokens.some((token) => Buffer.from(token, 'base64').includes(secret));
}

/** How a careless vendor may disclose a secret. */
export function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`user:${secret}`).toString('base64'),
    Buffer.from(`${secret}:`).toString('base64'),
    Buffer.from(`\0user\0${secret}`).toString('base64'),
  ];
}
