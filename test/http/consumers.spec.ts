import { setTimeout as delay } from 'node:timers/promises';
import { EventConsumers } from '@score-crm/connections';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { ConfigurationError, readConfiguration } from '../../src/config/environment.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

describe.each(ANY_DATABASE)('consumers of the feed on %s', (kind) => {
  let service: TestService;
  let isBroken = true;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind), { operatorOrganization: 'default' });
    service.app.get(EventConsumers).add({
      name: 'subscriber:campaigns',
      type: 'subscriber',
      batchSize: 10,
      retry: { attempts: 1, firstDelayMs: 1 },
      handle: async () => {
        if (isBroken) throw new Error('out of order');
      },
    });
    while ((await find()) === undefined) await delay(10);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const PATH = `/api/v1/consumers/${encodeURIComponent('subscriber:campaigns')}`;

  async function find(): Promise<any> {
    const { body } = await service.call('GET', '/api/v1/consumers');
    return body.data.find(({ name }: any) => name === 'subscriber:campaigns');
  }

  it('are listed, paused, resumed and moved by the operator', async () => {
    expect(await find()).toMatchObject({ type: 'subscriber', position: '1-0', lag: 0, paused: false, deadLetters: 0 });
    expect((await service.call('POST', `${PATH}/pause`)).body).toMatchObject({ paused: true });
    expect((await service.call('POST', `${PATH}/resume`)).body).toMatchObject({ paused: false });
    const moved = await service.call('POST', `${PATH}/seek`, { body: { to: '1-0' } });
    expect([moved.status, moved.body]).toMatchObject([200, { position: '1-0' }]);
    for (const to of ['beginning', 'end', '2026-01-31T08:00:00Z']) {
      expect((await service.call('POST', `${PATH}/seek`, { body: { to } })).status).toBe(200);
    }
    for (const body of [{ to: 'yesterday' }, {}, { to: 7 }]) {
      const wrong = await service.call('POST', `${PATH}/seek`, { body });
      expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/to']);
    }
  });

  it('have dead letters, which are handed over again', async () => {
    const hook = await SendgridWebhook.create(service);
    await hook.post([vendorEvent('delivered', { email: 'a@r.example' })]);
    while ((await find()).deadLetters === 0) await delay(10);
    const { data } = (await service.call('GET', `${PATH}/dead-letters`)).body;
    expect(data).toMatchObject([{ reason: 'out of order', attempts: 1, position: '1-1' }]);
    const after = await service.call('GET', `${PATH}/dead-letters?after=${String(data[0].id)}`);
    expect(after.body.data).toEqual([]);
    const replay = async (): Promise<any> =>
      (await service.call('POST', `${PATH}/dead-letters/${String(data[0].id)}/replay`)).body;
    expect(await replay()).toEqual({ error: 'out of order' });
    isBroken = false;
    expect(await replay()).toEqual({ error: null });
    expect(await replay()).toMatchObject({ status: 404 });
  });

  it('do not exist for other organizations', async () => {
    const token = await service.tokenFor('globex');
    expect((await service.call('GET', '/api/v1/consumers', { token })).body).toEqual({ data: [] });
    for (const [method, path] of [
      ['POST', 'pause'],
      ['POST', 'resume'],
      ['GET', 'dead-letters'],
    ] as const) {
      expect((await service.call(method, `${PATH}/${path}`, { token })).status).toBe(404);
    }
    expect((await service.call('POST', '/api/v1/consumers/unknown/pause')).status).toBe(404);
  });
});

describe('BACKGROUND_WORK', () => {
  const read = (text: string): unknown => {
    const keys = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
    return readConfiguration({ DATABASE_URL: 'sqlite:x', ENCRYPTION_KEYS: keys, BACKGROUND_WORK: text }).backgroundWork;
  };

  it('is everything by default, and a misspelled value is an error', () => {
    expect(['', 'all', 'projections', 'none'].map(read)).toEqual(['all', 'all', 'projections', 'none']);
    expect(() => read('off')).toThrow(ConfigurationError);
    expect(() => read('off')).toThrow('BACKGROUND_WORK must be one of all, projections, none');
  });

  it('none leaves to other instances what follows from an event', async () => {
    const handledBy: string[] = [];
    const add = ({ app }: TestService, instance: string): void => {
      const handle = async (): Promise<void> => void handledBy.push(instance);
      app.get(EventConsumers).add({ name: 'campaigns', type: 'subscriber', start: 'beginning', batchSize: 1, handle });
    };
    const ingesting = await TestService.start(await createDatabase('SQLite'), { backgroundWork: 'none' });
    add(ingesting, 'ingesting');
    await (await SendgridWebhook.create(ingesting)).post([vendorEvent('delivered')]);
    const working = await TestService.start(ingesting.database);
    add(working, 'working');
    while (handledBy.length === 0) await delay(10);
    expect(handledBy).toEqual(['working']);
    await working.stop();
    await ingesting.stop();
    await ingesting.database.drop();
  });
});
