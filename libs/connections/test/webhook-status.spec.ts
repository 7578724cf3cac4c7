import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, UnitOfWork } from '../src/index.ts';
import { WebhookStatusService } from '../src/webhooks/webhook-status.service.ts';
import { fakeConnection } from './support/inputs.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const AT = new Date('2026-11-28T12:00:00.000Z');
const LATER = new Date('2026-11-28T12:00:01.000Z');

describe.each(DATABASES)('what is remembered of webhooks on %s', (kind) => {
  let module: TestModule;
  let histories: WebhookStatusService;
  let ids: string[];

  beforeEach(async () => {
    module = await TestModule.start(kind);
    histories = module.app.get(WebhookStatusService);
    ids = [];
    for (const name of ['One', 'Two', 'Three']) {
      ids.push((await module.app.get(ConnectionsService).create(CALLER, { ...fakeConnection(), name })).id);
    }
  });
  afterEach(() => module.end());

  const flush = (): Promise<void> => histories['flush']();
  const stored = async (): Promise<Map<string, unknown>> => {
    const rows = await module.dataSource.query<Record<string, unknown>[]>('SELECT * FROM connection_webhooks');
    return new Map(rows.map((row) => [String(row['connection_id']), row['last_received_at']]));
  };

  it('is returned while it is still being written, with what came since', async () => {
    const [id = ''] = ids;
    histories.received(id, AT, 2);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const unitOfWork = module.app.get(UnitOfWork);
    const write = unitOfWork.write.bind(unitOfWork);
    const spy = jest.spyOn(unitOfWork, 'write').mockImplementationOnce(async (work) => {
      await held;
      return write(work);
    });
    const flushed = flush();
    histories.refused(id, LATER, 'invalid');
    const refusal = { lastUnauthenticatedAt: LATER, unauthenticatedReason: 'invalid' };
    const registration = { unauthenticatedCount: 0, vendorId: null, registeredAt: null, removedAt: null };
    const expected = { lastReceivedAt: AT, lastEventAt: AT, lastRejectedAt: null, ...refusal, ...registration };
    expect((await histories.of([id])).get(id)).toEqual(expected);
    expect(await stored()).toEqual(new Map());
    release();
    await flushed;
    spy.mockRestore();
    expect((await histories.of([id])).get(id)).toMatchObject(expected);
    await flush();
    expect((await histories.of([id])).get(id)).toMatchObject(expected);
  });

  it('is written in one go, and without the one that is gone', async () => {
    const [one = '', gone = '', three = ''] = ids;
    await module.dataSource.query(`DELETE FROM connections WHERE id = '${gone}'`);
    for (const id of ids) histories.received(id, AT, 0);
    await flush();
    expect([...(await stored()).keys()].toSorted()).toEqual([one, three].toSorted());
    expect(module.logger.lines.filter((line) => line.includes('webhook status of'))).toEqual([
      expect.stringContaining(gone),
    ]);

    const write = jest.spyOn(module.app.get(UnitOfWork), 'write');
    for (const id of [one, three]) histories.received(id, LATER, 0);
    await flush();
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });
});
