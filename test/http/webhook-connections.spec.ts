import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { ConnectionsRepository } from '../../libs/connections/src/connections/connections.repository.ts';
import { createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

describe.each(DATABASES)('the connection of a webhook on %s', (kind) => {
  let database: TestDatabase;
  let service: TestService;
  let other: TestService;

  beforeAll(async () => {
    database = await createDatabase(kind);
    service = await TestService.start(database);
    other = await TestService.start(database);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    // Not `stop`: reading a SQLite file would take the locks of the other instance in this process away.
    await other.app.close();
    await service.stop();
    await database.drop();
  });

  /** The same webhook, posted to the other instance. */
  const through = (instance: TestService, { id, signer }: SendgridWebhook): SendgridWebhook =>
    Object.assign(Object.create(SendgridWebhook.prototype) as SendgridWebhook, {
      service: instance,
      id,
      signer,
      path: `/webhooks/v2/sendgrid/${id}`,
    });
  const statusOf = async (webhook: SendgridWebhook): Promise<number> =>
    (await webhook.post([vendorEvent('delivered')])).status;
  const change = async (id: string, settings: object): Promise<void> => {
    const changed = await service.call('PATCH', `/api/v1/connections/${id}`, { body: { settings } });
    expect(changed.status).toBe(200);
  };
  /** Lets the cached connections become `seconds` older. */
  const age = (seconds: number): void => {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + seconds * 1_000);
  };

  it('is read once for all requests of four seconds, and then again', async () => {
    const hook = await SendgridWebhook.create(service);
    const reads = jest.spyOn(ConnectionsRepository.prototype, 'findAny');
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(hook)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(reads).toHaveBeenCalledTimes(1);
    age(4.1);
    expect(await statusOf(hook)).toBe(200);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('is read again before a request with a key of another instance is refused', async () => {
    const hook = await SendgridWebhook.create(service);
    const there = through(other, hook);
    expect(await statusOf(there)).toBe(200);
    const next = new WebhookSigner();
    await change(hook.id, { webhookSigningKey: service.watch(next.publicKey) });
    age(0.2);
    expect(await statusOf(through(other, Object.assign(hook, { signer: next })))).toBe(200);
  });

  it('loses its key at once where it was cleared, and after four seconds elsewhere', async () => {
    const hook = await SendgridWebhook.create(service);
    const there = through(other, hook);
    expect([await statusOf(hook), await statusOf(there)]).toEqual([200, 200]);
    await change(hook.id, { webhookSigningKey: null });
    expect(await statusOf(hook)).toBe(401);
    age(4.1);
    expect(await statusOf(there)).toBe(401);
  });

  it('is read once within a tenth of a second, however many requests are forged', async () => {
    const hook = await SendgridWebhook.create(service);
    expect(await statusOf(hook)).toBe(200);
    const forged = through(
      service,
      Object.assign(Object.create(hook) as SendgridWebhook, { signer: new WebhookSigner() }),
    );
    const reads = jest.spyOn(ConnectionsRepository.prototype, 'findAny');
    const now = performance.now() + 200;
    jest.spyOn(performance, 'now').mockReturnValue(now);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => statusOf(forged)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('is not kept after a failure to read it, nor where there is none', async () => {
    const hook = await SendgridWebhook.create(service);
    const reads = jest.spyOn(ConnectionsRepository.prototype, 'findAny');
    reads.mockRejectedValueOnce(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    expect(await statusOf(hook)).toBeGreaterThanOrEqual(500);
    expect(await statusOf(hook)).toBe(200);
    const unknown = '/webhooks/v2/sendgrid/0199d3c8-7a00-7000-8000-000000000000';
    for (let count = 0; count < 2; count++) expect((await hook.postSigned('[]', { path: unknown })).status).toBe(404);
    expect(reads).toHaveBeenCalledTimes(4);
  });
});
