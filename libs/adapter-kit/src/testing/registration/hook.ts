import type { VendorSandbox } from '../../sandbox/vendor-sandbox.ts';
import type { RegistrationTarget, WebhookRegistration } from '../../webhooks/webhook-registration.ts';
import { type Bench, validSettings, withSandbox } from '../bench/bench.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { webhookServer, type WebhookServer } from '../bench/webhook-server.ts';

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
