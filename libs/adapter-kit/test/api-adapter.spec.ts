import { describe, expect, it } from '@jest/globals';
import {
  type ApiAdapterParts,
  ApiAdapter,
  type CallOptions,
  contentKey,
  type EmailMessage,
  HttpClient,
  OutboundPolicy,
  type SendResult,
  sentResults,
  VendorApi,
  VendorEndpoints,
  type WebhookReceiver,
} from '@score-crm/adapter-kit';
import { failureOf, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';

const REFUSED = {
  stage: 'recipient',
  code: 'recipient_rejected',
  fault: 'recipient',
  retryable: false,
  hint: 'Check it.',
} as const;

class AcmeSettings {
  key = 'k';
}

class AcmeApi extends VendorApi<AcmeSettings> {
  readonly vendor = 'acme';
  readonly displayName = 'Acme';
  protected readonly errors = [];
  protected origin = (): string => 'https://acme.example';
  protected headers = (): Record<string, string> => ({});
}

const webhooks: WebhookReceiver<AcmeSettings> = {
  authentication: 'shared-secret',
  bodyLimit: 1,
  authenticateHead: () => 'verified',
  authenticate: () => 'verified',
  parse: () => [],
  setupInstructions: () => [],
};

class AcmeAdapter extends ApiAdapter<AcmeSettings, AcmeApi> {
  constructor(overrides: Partial<ApiAdapterParts<AcmeSettings, AcmeApi>> = {}) {
    super(new AcmeApi(new HttpClient(new OutboundPolicy()), new VendorEndpoints()), {
      settings: AcmeSettings,
      rules: { vendor: 'Acme', recipients: 1, bytes: 100 },
      send: async (_api, _settings, { to: [first] }): Promise<SendResult> => {
        return { messageId: '1', accepted: [first?.email ?? ''], rejected: [] };
      },
      diagnosis: { account: async () => undefined },
      webhooks,
      events: ['opened', 'opened', 'unknown'],
      ...overrides,
    });
  }
}

describe('the adapter of an API vendor', () => {
  it('declares its settings, webhooks and capabilities', () => {
    const adapter = new AcmeAdapter();
    expect(adapter.settings).toBe(AcmeSettings);
    expect(adapter.webhooks).toBe(webhooks);
    expect(adapter.capabilities).toMatchObject({
      webhooks: 'shared-secret',
      events: ['opened'],
      maxRecipients: 1,
      maxMessageBytes: 100,
      tags: false,
    });
  });

  it('sends with its API, the settings and the options', async () => {
    const seen: unknown[] = [];
    const options = { poolKey: 'p' };
    const adapter = new AcmeAdapter({
      send: async (...all) => {
        seen.push(...all);
        return { messageId: '2', accepted: [], rejected: [] };
      },
    });
    const [settings, message] = [new AcmeSettings(), plainMessage()];
    expect(await adapter.send(message, settings, options)).toMatchObject({ messageId: '2' });
    expect(seen).toEqual([expect.any(AcmeApi), settings, message, options]);
  });

  it('sends a single message by its batch, if that is the only way', async () => {
    const refused = { recipient: 'bob@recipient.example', error: REFUSED };
    const batch = {
      messages: 10,
      bytes: 1_000,
      size: () => 1,
      key: (message: EmailMessage) => contentKey(message, ['to', 'metadata']),
      send: async (_api: AcmeApi, _settings: AcmeSettings, messages: readonly EmailMessage[]) =>
        sentResults(messages, '4', [refused]),
    };
    const adapter = new AcmeAdapter({
      send: undefined as never,
      batch,
      rules: { vendor: 'Acme', recipients: 2, bytes: 100, metadata: {} },
    });
    const to = (...names: readonly string[]) =>
      plainMessage({
        to: names.map((name) => ({ email: `${name}@recipient.example` })),
        metadata: { name: names.join() },
      });
    const settings = new AcmeSettings();
    expect(await adapter.send(to('ada', 'bob'), settings)).toEqual({
      messageId: '4',
      accepted: ['ada@recipient.example'],
      rejected: [refused],
    });
    expect(await adapter.send(to('bob'), settings)).toMatchObject({ accepted: [], rejected: [refused] });
    expect(await adapter.sendBatch?.([to('ada'), to('bob')], settings)).toMatchObject([
      { result: { messageId: '4', rejected: [] } },
      { error: { ...REFUSED, pointer: '/to' } },
    ]);
    const file = { filename: 'a', contentType: 'text/plain', content: Buffer.from('a') };
    const keys = [to('ada'), to('bob'), { ...to('ada'), subject: 'Bye' }, { ...to('ada'), attachments: [file] }]
      .concat({ ...to('ada'), attachments: [{ ...file, content: Buffer.from('b') }] })
      .map((message) => adapter.batchKey?.(message));
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
  });

  it('checks a message before it is sent, also that of a test', async () => {
    let sent = 0;
    const adapter = new AcmeAdapter({
      send: async () => {
        sent += 1;
        return { messageId: '3', accepted: [], rejected: [] };
      },
      rules: { vendor: 'Acme', recipients: 1, bytes: 1 },
    });
    expect(await failureOf(adapter.send(plainMessage(), new AcmeSettings()))).toMatchObject({
      code: 'message_too_large',
    });
    const diagnosis = await adapter.diagnose(new AcmeSettings(), silentProbe({ to: ['ada@recipient.example'] }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'message_too_large' } });
    expect(sent).toBe(0);
  });

  it('tests an account by its steps, and ends with its signal', async () => {
    const adapter = new AcmeAdapter();
    const probe = silentProbe({ to: ['ada@recipient.example'] });
    expect(await adapter.diagnose(new AcmeSettings(), probe)).toMatchObject({
      ok: true,
      sent: { accepted: ['ada@recipient.example'] },
    });
    const aborts = new AcmeAdapter({
      diagnosis: { account: async ({ signal }) => signal.throwIfAborted() },
      send: async (_api, _settings, _message, { signal }) => {
        signal?.throwIfAborted();
        return { messageId: '4', accepted: [], rejected: [] };
      },
    });
    expect(await aborts.diagnose(new AcmeSettings(), probe)).toMatchObject({ ok: true });
    const aborted = await aborts.diagnose(new AcmeSettings(), probe, { signal: AbortSignal.abort() });
    expect(aborted.ok).toBe(false);
  });

  it('sends the message of a test with the options and the signal of the test', async () => {
    const seen: CallOptions[] = [];
    const adapter = new AcmeAdapter({
      send: async (_api, _settings, _message, options) => {
        seen.push(options);
        return { messageId: '5', accepted: [], rejected: [] };
      },
    });
    await adapter.diagnose(new AcmeSettings(), silentProbe({ to: ['ada@recipient.example'] }), { poolKey: 'p' });
    expect(seen).toEqual([{ poolKey: 'p', signal: expect.any(AbortSignal) }]);
  });
});
