import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionNotFoundError, ConnectionsService } from '../src/index.ts';
import { ConnectionLoader } from '../src/connections/connection-loader.ts';
import { fakeConnection } from './support/inputs.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

describe.each(DATABASES)('what an adapter keeps open, on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
  });

  beforeEach(async () => {
    id = (await connections.create(CALLER, fakeConnection())).id;
    module.adapter.released.length = 0;
    module.adapter.onRelease = () => undefined;
    module.logger.lines.length = 0;
  });

  afterAll(async () => {
    await module.end();
  });

  const poolKey = async (): Promise<string> => {
    return (await module.app.get(ConnectionLoader).load(CALLER.organization, id)).poolKey;
  };

  it('is released under its old key when the connection changes, and has another one then', async () => {
    const before = await poolKey();
    await connections.update(CALLER, id, { settings: { note: 'x' } });
    expect(module.adapter.released).toEqual([before]);
    expect(await poolKey()).not.toBe(before);
  });

  it('is released when the connection is deleted', async () => {
    const before = await poolKey();
    await connections.delete(CALLER, id);
    expect(module.adapter.released).toEqual([before]);
  });

  it('stays when nothing changed, or the change failed', async () => {
    const before = await poolKey();
    await connections.update(CALLER, id, {});
    await faultsOf(connections.update(CALLER, id, { name: '' }));
    await failureOf(connections.update(CALLER, id, { name: 'x' }, 9));
    await failureOf(connections.delete({ ...CALLER, organization: 'other' }, id));
    expect(module.adapter.released).toEqual([]);
    expect(await poolKey()).toBe(before);
  });

  it('does not make a change fail that is committed already', async () => {
    module.adapter.onRelease = () => Promise.reject(new Error('the socket said key-0123456789'));
    expect((await connections.update(CALLER, id, { name: 'New' })).version).toBe(2);
    module.adapter.onRelease = () => {
      throw new Error('at once');
    };
    await connections.delete(CALLER, id);
    expect(await failureOf(connections.get(CALLER, id))).toBeInstanceOf(ConnectionNotFoundError);
    expect(module.logger.errors).toHaveLength(2);
    expect(module.logger.errors[0]).toContain(id);
    expect(module.logger.errors[0]).not.toContain('key-0123456789');
  });
});
