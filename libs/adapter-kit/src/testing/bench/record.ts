import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { HttpClient } from '../../http/http-client.ts';
import { VendorEndpoints } from '../../outbound/vendor-endpoints.ts';
import type { Bench } from './bench.ts';
import type { Context } from './context.ts';
import { endOf } from './failure.ts';
import { plainMessage, RECIPIENT, silentProbe } from './messages.ts';
import { listeningServices, type Recording, recordingServices } from './recording-services.ts';
import { LOOPBACK, makeAdapter } from './services.ts';

const TARGET = { url: 'https://connections.example/webhooks/v2/x/1', vendorId: '1' };

/** What the adapter would send to whom, to whatever it is asked. Nobody answers it. */
export async function record({ subject }: Context, settings: object): Promise<Recording> {
  const { recording, ...services } = recordingServices();
  await makeCalls(makeAdapter(subject.adapter, services), settings, TARGET.vendorId);
  return recording;
}

/** What the adapter sends to a sandbox, to whatever it is asked. */
export async function recordAt(
  { subject, identity }: Context,
  { sandbox }: Bench,
  settings: object,
  vendorId = TARGET.vendorId,
): Promise<Recording> {
  const http = new HttpClient(LOOPBACK);
  const endpoints = new VendorEndpoints(sandbox.url === undefined ? {} : { [identity.vendor]: sandbox.url });
  const { recording, ...services } = listeningServices(endpoints, http);
  await makeCalls(makeAdapter(subject.adapter, services), settings, vendorId);
  await http.onApplicationShutdown();
  return recording;
}

async function makeCalls(adapter: EmailAdapter, settings: object, vendorId: string): Promise<void> {
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
  for (const call of calls) await endOf(call(), 'A call that leads nowhere');
  await adapter.release?.();
}
