import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { HttpClient, type HttpRequest } from '../../http/http-client.ts';
import { VendorEndpoints } from '../../outbound/vendor-endpoints.ts';
import type { Bench } from './bench.ts';
import type { Context } from './context.ts';
import { endOf } from './failure.ts';
import { plainMessage, RECIPIENT, silentProbe } from './messages.ts';
import { listeningServices, type Recording, recordingServices } from './recording-services.ts';
import { LOOPBACK, makeAdapter } from './services.ts';
import { TARGET } from './target.ts';

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
