import assert from 'node:assert/strict';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import { HttpClient } from '../../http/http-client.ts';
import { type ConnectTarget, OutboundConnector } from '../../outbound/outbound-connector.ts';
import { VendorEndpoints } from '../../http/vendor-api.ts';
import type { VendorSandbox, VendorSandboxOptions } from '../../sandbox/vendor-sandbox.ts';
import type { DescribedField } from '../../settings/settings-field.decorator.ts';
import { validateInput } from '../../validation/validate-input.ts';
import type { Context } from './context.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { LOOPBACK, makeAdapter } from './services.ts';
import type { Probe } from '../../diagnosis/diagnosis.ts';
import type { EmailMessage } from '../../messages/email-message.ts';
import type { WebhookHead, WebhookRequest } from '../../webhooks/webhook-receiver.ts';

/** An adapter under test. */
export interface Bench {
  readonly adapter: EmailAdapter;
  /** Settings of an account for which everything works. */
  readonly settings: object;
  readonly sandbox: VendorSandbox;
}

/** Runs a function with an adapter that is connected to a new sandbox, then closes both. */
export async function withSandbox<T>(
  context: Context,
  work: (bench: Bench) => Promise<T> | T,
  options: VendorSandboxOptions = {},
): Promise<T> {
  const sandbox = await context.subject.startSandbox(options);
  const http = new HttpClient(LOOPBACK);
  const adapter = makeAdapter(context.subject.adapter, {
    http,
    connector: new OutboundConnector(LOOPBACK),
    endpoints: new VendorEndpoints(sandbox.url === undefined ? {} : { [context.identity.vendor]: sandbox.url }),
  });
  try {
    return await work({ adapter, sandbox, settings: validSettings(context, sandbox.settings) });
  } finally {
    // The vendor first: an open request would keep the client from closing.
    await sandbox.close();
    await adapter.release?.();
    await http.onApplicationShutdown();
  }
}

/** Runs a function with an adapter whose connections all lead to this server, then closes both. */
export async function withServer<T>(
  context: Context,
  starting: Promise<LoopbackServer>,
  work: (adapter: EmailAdapter, server: LoopbackServer) => Promise<T>,
): Promise<T> {
  const server = await starting;
  const http = new HttpClient(LOOPBACK);
  const adapter = makeAdapter(context.subject.adapter, {
    http,
    connector: new DivertedConnector(server.port),
    endpoints: new VendorEndpoints({ [context.identity.vendor]: server.url }),
  });
  try {
    return await work(adapter, server);
  } finally {
    await server.close();
    await adapter.release?.();
    await http.onApplicationShutdown();
  }
}

/** Connects to a port of this machine, regardless of the host. */
class DivertedConnector extends OutboundConnector {
  constructor(private readonly port: number) {
    super(LOOPBACK);
  }

  override connect(target: ConnectTarget) {
    return super.connect({ ...target, host: '127.0.0.1', port: this.port });
  }
}

/** The settings as the application passes them. */
export function validSettings({ adapter }: Context, input: object): object {
  const result = validateInput(adapter.settings, input);
  assert(result.ok, `These settings should be valid: ${JSON.stringify(result.ok ? [] : result.errors)}`);
  return result.value;
}

/** Settings with this value in the field, if the field applies and they are valid. */
export function withValue(
  { adapter, fields }: Context,
  settings: object,
  { name, showIf }: DescribedField,
  value: unknown,
): object | undefined {
  const change: Record<string, unknown> = { [name]: value };
  for (let condition = showIf; condition !== undefined;) {
    const { field, in: values } = condition;
    change[field] = values[0];
    condition = fields.find((other) => other.name === field)?.showIf;
  }
  const result = validateInput(adapter.settings, { ...settings, ...change });
  return result.ok ? result.value : undefined;
}

const SENDER = { email: 'no-reply@sender.example', name: 'Acme' } as const;
export const RECIPIENT = 'ada@recipient.example';

/** A message that every vendor accepts. */
export function plainMessage(overrides: Partial<EmailMessage> = {}): EmailMessage {
  return { from: SENDER, to: [{ email: RECIPIENT }], subject: 'Welcome', text: 'Hello Ada', ...overrides };
}

/** A probe that sends nothing. */
export function silentProbe(overrides: Partial<Probe> = {}): Probe {
  return { from: SENDER, subject: '[TEST] Welcome', text: 'A test.', ...overrides };
}

/** A request as an adapter receives it. Header names may be in any case. */
export function webhookRequest(
  body: Uint8Array | string,
  { headers = {}, query = {} }: Partial<WebhookHead> = {},
): WebhookRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    headers: Object.fromEntries(lower),
    query,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

/**
 * A webhook without a listener. Sandboxes post to it, so its address is an IP address: without a network, name lookups
 * take seconds.
 */
export const TARGET = { url: 'https://127.0.0.1:9/webhooks/v2/x/1', vendorId: '1' };
