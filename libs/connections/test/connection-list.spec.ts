import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { type Caller, type ConnectionQuery, ConnectionsService, encodeCursor } from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
import { TestModule } from './support/test-module.ts';

const NAMES = ['Alpha', '100% sure', 'snake_case', 'Bang! Co', 'back\\slash', "O'Neill", 'Äpfel', 'ÉLÈVE', 'ЖЁЛТЫЙ'];
const CALLER: Caller = { organization: 'names', actor: 'user:1' };
const PAGER: Caller = { organization: 'pages', actor: 'user:1' };

describe.each(DATABASES)('the list on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
    for (const name of NAMES) await connections.create(CALLER, { ...fakeConnection(), name, fromEmail: null });
    await connections.create(CALLER, {
      ...fakeConnection(),
      name: 'Other',
      vendor: 'other',
      fromEmail: 'Boss@Big.example',
    });
  });

  afterAll(async () => {
    await module.end();
  });

  const found = async (query: ConnectionQuery): Promise<string[]> =>
    (await connections.list(CALLER, query)).data.map(({ name }) => name);

  it.each([
    ['alpha', ['Alpha']],
    ['ALPHA', ['Alpha']],
    ['%', ['100% sure']],
    ['0% s', ['100% sure']],
    ['_', ['snake_case']],
    ['!', ['Bang! Co']],
    ['\\', ['back\\slash']],
    ['back\\s', ['back\\slash']],
    ["o'n", ["O'Neill"]],
    ['Äpfel', ['Äpfel']],
    ['äpfel', ['Äpfel']],
    ['ÉLÈVE', ['ÉLÈVE']],
    ['élève', ['ÉLÈVE']],
    ['жёлт', ['ЖЁЛТЫЙ']],
    ['BIG.EX', ['Other']],
    ['boss@', ['Other']],
    ['%%', []],
    ['a%a', []],
    ['!%', []],
    ['🔑', []],
    ['x'.repeat(100_000), []],
  ])('finds the text %j', async (text, names) => {
    expect(await found({ text })).toEqual(names);
  });

  it('finds by vendor, and by vendor and text', async () => {
    expect(await found({ vendor: 'other' })).toEqual(['Other']);
    expect(await found({ vendor: 'other', text: 'alpha' })).toEqual([]);
    for (const vendor of ['OTHER', 'other ', 'é', '', '%', 'constructor']) expect(await found({ vendor })).toEqual([]);
  });

  it('goes page by page without loss or repetition, while rows are added and taken away', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 23; n++) ids.push((await connections.create(PAGER, fakeConnection())).id);
    await connections.delete(PAGER, ids.pop() ?? '');
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await connections.list(PAGER, { limit: 4, cursor });
      expect(page.data.length).toBeLessThanOrEqual(4);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await connections.create(PAGER, fakeConnection());
      // What was seen already may go; now and then it is the one that the cursor names.
      pages++;
      await connections.delete(PAGER, seen.at(pages % 2 === 0 ? -1 : -2) ?? '');
    } while (cursor !== undefined);
    expect(seen).toEqual(ids.toReversed());
  });

  it('has no next page when the last one is full', async () => {
    const caller = { ...CALLER, organization: 'four' };
    for (let n = 0; n < 4; n++) await connections.create(caller, fakeConnection());
    expect((await connections.list(caller, { limit: 4 })).nextCursor).toBeNull();
    expect((await connections.list(caller, { limit: 3 })).nextCursor).not.toBeNull();
    expect(await connections.list({ ...CALLER, organization: 'none' })).toEqual({ data: [], nextCursor: null });
  });

  it('refuses a cursor that is none', async () => {
    for (const cursor of ['', 'x', '....', encodeCursor('x'), encodeCursor("' OR 1=1 --"), '\0', 'é'.repeat(1000)]) {
      expect(await faultsOf(connections.list(CALLER, { cursor }))).toEqual(['/cursor invalid_cursor']);
    }
  });

  it.each([0, -1, 101, 1e9, 1.5, Number.NaN, Infinity])('refuses the limit %d', async (limit) => {
    expect(await faultsOf(connections.list(CALLER, { limit }))).toEqual(['/limit out_of_range']);
  });
});
