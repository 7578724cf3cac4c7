import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EmailEvent, EventKind } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { counted } from '../../../test/support/counted.ts';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { LegacyEventRow, LegacyRequestRow } from '../src/events/legacy-events.repository.ts';
import {
  type ConnectionEvent,
  ConnectionsService,
  EventsService,
  PurgeService,
  StatsService,
  WebhookIngest,
} from '../src/index.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const REQUEST_ID = '0199d3c8-7a00-7000-8000-000000000001';
const RECEIVED = new Date(Date.now() - 60 * 60 * 1000);

type Posted = Omit<EmailEvent, 'occurredAt' | 'raw'>;

const POSTED: readonly Posted[] = [
  { kind: 'delivered', messageId: 'm-1', recipient: 'ada@bücher.example' },
  { kind: 'opened', messageId: 'm-1', recipient: 'ada@bücher.example', machine: true },
  { kind: 'clicked', messageId: 'm-1', recipient: 'bob@r.example' },
];

// The events of a version that kept them in `events`: a database is filled as that version did, then migrated.
describe.each(DATABASES)('the events of an earlier version on %s', (kind) => {
  let module: TestModule;
  let id: string;

  beforeAll(async () => {
    const database = await createDatabase(kind);
    const earlier = await TestModule.on(database, { providers: COURIERS });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id } = await earlier.app.get(ConnectionsService).create(CALLER, input));
    const { dataSource } = earlier;
    const requests = dataSource.getRepository(LegacyRequestRow);
    await requests.insert({
      id: REQUEST_ID,
      connectionId: id,
      organization: CALLER.organization,
      vendor: 'courier',
      receivedAt: RECEIVED,
      contentType: null,
      parameters: null,
      body: gzipSync(JSON.stringify(POSTED)),
      status: 'accepted',
      accepted: 3,
      duplicates: 0,
      rejected: 0,
    });
    const events = dataSource.getRepository(LegacyEventRow);
    await events.insert(row({ kind: 'sent', messageId: 'm-1', requestId: 'sent', position: 0, attribution: 'own' }));
    for (const [position, event] of POSTED.entries()) {
      await events.insert(row({ ...event, requestId: REQUEST_ID, position, attribution: 'own' }));
    }
    const runner = dataSource.createQueryRunner();
    while (await runner.hasTable('event_batches')) await dataSource.undoLastMigration();
    await runner.release();
    await dataSource.runMigrations();
    await earlier.stop();
    module = await TestModule.on(database, { providers: COURIERS });
  });

  afterAll(() => module.end());

  function row(values: Partial<LegacyEventRow> & { readonly kind: EventKind; readonly position: number }) {
    const { kind: name, messageId = '', recipient = null, position } = values;
    const parts = [id, name, messageId, recipient ?? '', position];
    return {
      connectionId: id,
      organization: CALLER.organization,
      receivedAt: RECEIVED,
      occurredAt: RECEIVED,
      tags: ['spring'],
      machine: null,
      recipient,
      digest: digestOf(parts),
      ...values,
    };
  }

  async function post(events: readonly Posted[]) {
    const ingest = module.app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(events));
    return ingest.receive(await ingest.find('courier', id), { headers: {}, query: {}, body });
  }

  const service = () => module.app.get(EventsService);
  const kindsOf = (events: readonly ConnectionEvent[]) => events.map((event) => event.kind);

  it('are listed with all their details', async () => {
    const { data, nextCursor } = await service().list(CALLER, id);
    expect(kindsOf(data)).toEqual(['clicked', 'opened', 'delivered', 'sent']);
    expect(data[1]).toMatchObject({ machine: true, tags: ['spring'], receivedAt: RECEIVED, messageId: 'm-1' });
    expect(nextCursor).toBeNull();
    const found = await service().get(CALLER, id, data[2]?.id ?? '');
    expect(found).toMatchObject({ ...data[2], raw: POSTED[0] });
  });

  it('are known when the vendor repeats them', async () => {
    expect(await post(POSTED)).toEqual({ accepted: 0, duplicates: 3 });
    const added: Posted = { kind: 'complained', messageId: 'm-1', recipient: 'bob@r.example' };
    expect(await post([...POSTED, added])).toEqual({ accepted: 1, duplicates: 3 });
    expect(await post([...POSTED, added])).toEqual({ accepted: 0, duplicates: 4 });
  });

  it('are listed after the new ones, page by page', async () => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await service().list(CALLER, id, { limit: 2, cursor });
      pages.push(kindsOf(page.data));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([['complained', 'clicked'], ['opened', 'delivered'], ['sent']]);
  });

  it('are found by recipient, message and kind', async () => {
    const kinds = async (query: object) => kindsOf((await service().list(CALLER, id, query)).data);
    expect(await kinds({ recipient: 'Ada@xn--bcher-kva.example' })).toEqual(['opened', 'delivered']);
    expect(await kinds({ recipient: 'bob@r.example' })).toEqual(['complained', 'clicked']);
    expect(await kinds({ messageId: 'm-1', kinds: ['clicked'] })).toEqual(['clicked']);
    const { events } = await service().timeline(CALLER, id, 'm-1');
    expect(kindsOf(events).toSorted()).toEqual(['clicked', 'complained', 'delivered', 'opened', 'sent']);
  });

  it('are counted with the new ones, and tell whose a new one is', async () => {
    // The courier's events are of last year.
    await counted(module.app);
    const { counts } = await module.app.get(StatsService).ofConnection(CALLER, id, { days: 400 });
    expect(counts).toMatchObject({ sent: 1, delivered: 1, clicked: 1 });
    const { data } = await service().list(CALLER, id, { kinds: ['complained'] });
    expect(data).toMatchObject([{ attribution: 'own' }]);
  });

  it('are purged with their connection', async () => {
    await module.app.get(ConnectionsService).delete(CALLER, id);
    const report = await module.app.get(PurgeService).purge({ now: new Date(Date.now() + 31 * 24 * 60 * 60 * 1000) });
    expect(report).toMatchObject({ connections: 1, rows: { events: 5, webhookRequests: 4 } });
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });
});

/** As the earlier version has computed it. */
function digestOf(parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
}
