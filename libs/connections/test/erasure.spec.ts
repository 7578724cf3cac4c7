import { readFileSync, existsSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cpuTime } from '../../../test/support/cpu-time.ts';
import { counted } from '../../../test/support/counted.ts';
import { DATABASES } from '../../../test/support/databases.ts';
import { addressRedaction, ERASED_ADDRESS } from '../src/events/address-redaction.ts';
import { EventsRepository } from '../src/events/events.repository.ts';
import { LegacyEventRow, LegacyRequestRow } from '../src/events/legacy-events.repository.ts';
import {
  ConnectionsService,
  EmailSender,
  ErasureService,
  EventsService,
  StatsService,
  WebhookIngest,
} from '../src/index.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

const ADDRESS = 'Ada@Bücher.example';
const ANY_SPELLING = /ada(?:@|%40|\\u0040|=40)(?:bücher|b%C3%BCcher|b\\u00fccher|xn--bcher-kva)\.example/i;
const OTHER: typeof CALLER = { organization: 'other', actor: 'user:2' };

/** A body with the address in many spellings; the third item belongs to another recipient. */
const BODY = String.raw`[
  {"kind":"delivered","messageId":"m-1","recipient":"Ada@Bücher.example","tags":["\u003cada\u0040b\u00fccher.example\u003e"]},
  {"kind":"bounced","messageId":"m-1","recipient":"ada@xn--bcher-kva.example",
   "bounce":{"class":"hard","reason":"550 5.1.1\nADA@BÜCHER.EXAMPLE: <ada@bücher.example>, see x=40ada=40xn--bcher-kva.example"}},
  {"kind":"opened","messageId":"m-2","recipient":"ida@bücher.example","userAgent":"Mail/1.0",
   "url":"https://r.example/?from=ada%40b%C3%BCcher.example&to=ida%40x.example"}
]`;

describe.each(DATABASES)('erasing a recipient on %s', (kind) => {
  let module: TestModule;
  let id: string;
  let others: string;
  /** A compressed body as it was before the erasure. */
  let body: Buffer;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
    ({ id: others } = await module.app.get(ConnectionsService).create(OTHER, input));
  });

  afterAll(() => module.end());

  const erase = (address = ADDRESS) => module.app.get(ErasureService).erase(CALLER, address);
  const list = (recipient?: string, caller = CALLER, connection = id) =>
    module.app.get(EventsService).list(caller, connection, recipient === undefined ? {} : { recipient });

  async function post(body: string, connection = id) {
    const ingest = module.app.get(WebhookIngest);
    const request = { headers: {}, query: {}, body: Buffer.from(body) };
    return ingest.receive(await ingest.find('courier', connection), request);
  }

  /** Everything that the database holds of one organization, with bodies decompressed. */
  async function everything(organization = CALLER.organization): Promise<string> {
    const { dataSource } = module;
    const texts: string[] = [];
    const ownBatches = await dataSource.query<Row[]>(
      'SELECT b.id FROM event_batches AS b JOIN connections AS c ON c.number = b.connection WHERE c.organization = ?',
      [organization],
    );
    const numbers = await dataSource.query<Row[]>('SELECT number, id FROM connections WHERE organization = ?', [
      organization,
    ]);
    const own = new Set(numbers.flatMap((row) => [row['number'], row['id']]));
    for (const { tableName } of dataSource.entityMetadatas) {
      const rows = await dataSource.query<Row[]>(`SELECT * FROM ${tableName}`);
      for (const row of rows) {
        if ('connection' in row && !own.has(row['connection'])) continue;
        if (tableName === 'suppressions' && row['organization'] !== organization) continue;
        if (tableName !== 'event_bodies') texts.push(JSON.stringify(row), String(row['recipient']));
        if (tableName === 'webhook_requests' && row['body'] !== null)
          texts.push(String(gunzipSync(row['body'] as Buffer)));
      }
    }
    for (const batch of ownBatches) {
      const parts = await dataSource.query<{ bytes: Buffer }[]>(
        'SELECT bytes FROM event_bodies WHERE batch = ? ORDER BY part',
        [batch['id']],
      );
      if (parts.length > 0) texts.push(String(brotliDecompressSync(Buffer.concat(parts.map(({ bytes }) => bytes)))));
    }
    return texts.join('\n');
  }

  it('leaves the address in no table and no body, and keeps the events and their other details', async () => {
    await legacy();
    await post(BODY);
    await post(BODY, others);
    // An item that is no event: no row leads to its text.
    await post(`[{"kind":"opened","messageId":"m-3"}, 7, {"kind":"opened","tags":["to ada@bücher.example"]}]`);
    const message = { from: { email: 'me@s.example' }, to: [{ email: ADDRESS }], subject: 'Hi', text: 'Hi' };
    await module.app.get(EmailSender).send(CALLER, id, message);
    const [first] = await module.dataSource.query<{ bytes: Buffer }[]>('SELECT bytes FROM event_bodies ORDER BY batch');
    body = first?.bytes ?? Buffer.alloc(0);
    expect(await everything()).toMatch(ANY_SPELLING);
    expect((await list(ADDRESS)).data).toHaveLength(4);

    expect(await erase()).toMatchObject({ events: 4, bodies: 4 });
    expect(await everything()).not.toMatch(ANY_SPELLING);
    expect((await list(ADDRESS)).data).toEqual([]);
    expect((await list(ERASED_ADDRESS)).data).toEqual([]);
    const { data } = await list();
    expect(data).toHaveLength(7);
    const opened = data.find(({ recipient }) => recipient === 'ida@xn--bcher-kva.example');
    expect(opened).toMatchObject({ kind: 'opened', userAgent: 'Mail/1.0', messageId: 'm-2' });
    expect(opened?.url).toBe(`https://r.example/?from=${ERASED_ADDRESS}&to=ida%40x.example`);
    const bounced = data.find((event) => event.kind === 'bounced');
    expect(bounced).toMatchObject({ recipient: null, messageId: 'm-1' });
    expect(bounced?.reply).toContain(`<${ERASED_ADDRESS}>`);
    await counted(module.app);
    const stats = await module.app.get(StatsService).ofConnection(CALLER, id, { days: 400 });
    expect(stats.counts).toMatchObject({ sent: 1 });
    expect(module.logger.lines.join('\n')).not.toMatch(ANY_SPELLING);
    expect(await everything(OTHER.organization)).toMatch(ANY_SPELLING);
    expect((await list(ADDRESS, OTHER, others)).data).toHaveLength(2);
  });

  it('records the erasure without the address', async () => {
    const entries = (await module.rows('audit_entries')).filter((row) => row['action'] === 'recipient.erase');
    expect(entries).toHaveLength(1);
    const [erasure] = await module.dataSource.query<Row[]>('SELECT * FROM erasures');
    expect(erasure).toMatchObject({ id: entries[0]?.['subject'], organization: CALLER.organization });
    // Until the second pass, the address is kept encrypted.
    expect(erasure).toMatchObject({ state: 'running', leased_by: null, completed_at: null });
    expect(erasure?.['recipient']).toMatch(/^eyJ/);
    expect(erasure?.['due_at']).not.toBeNull();
  });

  it('can be repeated', async () => {
    expect(await erase('ada@xn--bcher-kva.example')).toMatchObject({ events: 0, bodies: 0 });
    expect(await module.dataSource.query<Row[]>('SELECT * FROM erasures')).toHaveLength(1);
  });

  it('does not store the address again when the vendor repeats the events, alone or with new ones', async () => {
    expect(await post(BODY)).toEqual({ accepted: 0, duplicates: 3 });
    const added = BODY.replace(/\]$/, ',{"kind":"complained","messageId":"m-1","recipient":"ADA@bücher.example"}]');
    expect(await post(added)).toEqual({ accepted: 1, duplicates: 3 });
    expect(await post('[{"kind":"complained","messageId":"m-9","tags":["<ada@bücher.example>"]}]')).toMatchObject({
      accepted: 1,
    });
    expect(await everything()).not.toMatch(ANY_SPELLING);
    const complained = (await list()).data.filter((event) => event.kind === 'complained');
    expect(complained.map(({ recipient }) => recipient)).toEqual([null, null]);
  });

  it('continues after an interruption', async () => {
    await post('[{"kind":"opened","messageId":"m-5","recipient":"eve@r.example"}]');
    const clear = jest
      .spyOn(module.app.get(EventsRepository), 'clearRecipients')
      .mockRejectedValueOnce(new Error('no'));
    await failureOf(erase('eve@r.example'));
    clear.mockRestore();
    const failed = await module.dataSource.query<Row[]>("SELECT recipient FROM erasures WHERE state = 'failed'");
    expect(failed).toEqual([{ recipient: null }]);
    expect((await list('eve@r.example')).data).toHaveLength(1);
    expect(await erase('eve@r.example')).toMatchObject({ events: 1 });
    expect(await everything()).not.toContain('eve@r.example');
  });

  it('rejects what is not an address', async () => {
    expect(await failureOf(erase('ada'))).toMatchObject({ code: 'invalid_input' });
  });

  if (kind === 'SQLite') {
    it('leaves neither the address nor the former body in the file', async () => {
      await module.dataSource.query('PRAGMA wal_checkpoint(TRUNCATE)');
      const before = fileContents();
      expect(before).toContain('ada@xn--bcher-kva.example');
      // The other organization still had it.
      await module.app.get(ErasureService).erase(OTHER, ADDRESS);
      await module.dataSource.query('PRAGMA wal_checkpoint(TRUNCATE)');
      const after = fileContents();
      expect(after).not.toContain('ada@xn--bcher-kva.example');
      expect(after).not.toContain(Buffer.from('ada@bücher.example').toString('latin1'));
      expect(body.length).toBeGreaterThan(100);
      expect(after).not.toContain(body.subarray(20, 60).toString('latin1'));
    });
  }

  /** As Latin-1. */
  function fileContents(): string {
    const path = module.database.url.replace('sqlite:', '');
    const files = [path, `${path}-wal`].filter((file) => existsSync(file));
    return files.map((file) => readFileSync(file, 'latin1')).join('');
  }

  async function legacy(): Promise<void> {
    const common = { connectionId: id, organization: CALLER.organization, receivedAt: new Date() };
    const request = '0199d3c8-7a00-7000-8000-000000000001';
    const numbers = { accepted: 1, duplicates: 0, rejected: 0, occurrences: 1 };
    const compressed = gzipSync('[{"recipient":"ada@bücher.example"}]');
    const { dataSource } = module;
    const requestRow = { ...common, id: request, vendor: 'courier', body: compressed, status: 'accepted', ...numbers };
    await dataSource.getRepository(LegacyRequestRow).insert(requestRow);
    await dataSource.getRepository(LegacyEventRow).insert({
      ...common,
      requestId: request,
      position: 0,
      kind: 'bounced',
      occurredAt: new Date(),
      recipient: 'ada@bücher.example',
      reply: '<Ada@bücher.example> is unknown',
      tags: ['ada@bücher.example'],
      digest: Buffer.alloc(16, 7),
      attribution: 'own',
      machine: null,
    });
  }
});

describe('the redaction of an address', () => {
  const { text, bytes } = addressRedaction('ada+news@r.example');

  it.each([
    ['ada+news@r.example', ERASED_ADDRESS],
    ['<ADA+NEWS@R.EXAMPLE>', `<${ERASED_ADDRESS}>`],
    ['to=ada%2Bnews%40r.example&x=1', `to=${ERASED_ADDRESS}&x=1`],
    ['ada%252Bnews%2540r%252Eexample', ERASED_ADDRESS],
    [String.raw`"\u0061da+news\u0040r.example"`, `"${ERASED_ADDRESS}"`],
    [String.raw`"\\u003cada+news@r.example\\n"`, String.raw`"\\u003c${ERASED_ADDRESS}\\n"`],
    ['550 &lt;ada+news&#64;r.example&gt;', `550 &lt;${ERASED_ADDRESS}&gt;`],
    ['ada+news=40r.example', ERASED_ADDRESS],
    ['ada+news@r.example.', `${ERASED_ADDRESS}.`],
    ['nada+news@r.example', 'nada+news@r.example'],
    ['ada+news@r.example.org', 'ada+news@r.example.org'],
    ['ada+news@r.examples', 'ada+news@r.examples'],
    ['ada@r.example', 'ada@r.example'],
  ])('changes %s to %s', (before, after) => {
    expect(text(before)).toBe(after);
  });

  it('keeps bytes that are not UTF-8', () => {
    const odd = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('ada+news@r.example'), Buffer.from([0xfe])]);
    const redacted = bytes(odd);
    expect(redacted.subarray(0, 2)).toEqual(Buffer.from([0xff, 0x00]));
    expect(redacted.at(-1)).toBe(0xfe);
    const unrelated = Buffer.from('nothing');
    expect(bytes(unrelated)).toBe(unrelated);
  });

  it.each(['ada+news@r.exampla \\u0061', '\\', 'ada', '%25', '&#0', '&#0000', '=61=64'])(
    'takes time in proportion to the size of a body of %j',
    (part) => {
      const small = Buffer.from(part.repeat(Math.ceil(1_024 / part.length)));
      // 16 times as much takes 16 times the time, or 256 times if it grows with the square.
      const large = Buffer.concat(Array.from({ length: 16 }, () => small));
      const fastest = (body: Buffer): number => Math.min(...[1, 2, 3].map(() => cpuTime(() => bytes(body))));
      expect(fastest(large) / fastest(small)).toBeLessThan(64);
    },
  );
});
