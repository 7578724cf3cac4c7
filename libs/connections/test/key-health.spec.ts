import { describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, KeyHealthService } from '../src/index.ts';
import { CALLER, newKey, TestModule } from './support/test-module.ts';

const TABLES = ['connections', 'connection_tests', 'audit_entries'] as const;

describe.each(DATABASES)('the health of the keys on %s', (kind) => {
  it('notices a wrong key of the right id at the start, names the connections and writes nothing', async () => {
    const database = await createDatabase(kind);
    const right = newKey('k1');
    const writer = await TestModule.on(database, { encryptionKeys: right });
    const ids: string[] = [];
    for (let n = 0; n < 23; n++) {
      const input = { name: 'A', vendor: 'fake', settings: { apiKey: 'key' } };
      ids.push((await writer.app.get(ConnectionsService).create(CALLER, input)).id);
    }
    await writer.app.get(ConnectionsService).delete(CALLER, ids[0] ?? '');
    const dump = async (module: TestModule) => Promise.all(TABLES.map((table) => module.rows(table)));
    const before = await dump(writer);
    await writer.stop();

    const wrong = await TestModule.on(database, { encryptionKeys: newKey('k1') });
    expect(await wrong.app.get(KeyHealthService).check()).toEqual({
      encrypted: 23,
      unreadable: { count: 23, ids: ids.slice(0, 20) },
    });
    expect(wrong.logger.errors).toHaveLength(1);
    expect(wrong.logger.errors[0]).toMatch(/cannot decrypt the secrets of 23 of 23 connections/);
    for (const id of ids.slice(0, 20)) expect(wrong.logger.errors[0]).toContain(id);
    expect(await dump(wrong)).toEqual(before);

    const own = await wrong.app.get(ConnectionsService).create(CALLER, {
      name: 'B',
      vendor: 'fake',
      settings: { apiKey: 'key' },
    });
    expect(await wrong.app.get(KeyHealthService).check()).toMatchObject({ encrypted: 24, unreadable: { count: 23 } });
    await wrong.stop();

    const again = await TestModule.on(database, { encryptionKeys: `${newKey('k2')},${right}` });
    expect((await again.app.get(KeyHealthService).check()).unreadable).toEqual({ count: 1, ids: [own.id] });
    await again.end();
  });

  it('says nothing when all is well', async () => {
    const module = await TestModule.start(kind);
    await module.app.get(ConnectionsService).create(CALLER, { name: 'A', vendor: 'fake', settings: { apiKey: 'key' } });
    await module.app.get(KeyHealthService).onApplicationBootstrap();
    expect(await module.app.get(KeyHealthService).check()).toEqual({ encrypted: 1, unreadable: { count: 0, ids: [] } });
    expect(module.logger.errors).toEqual([]);
    await module.end();
  });
});
