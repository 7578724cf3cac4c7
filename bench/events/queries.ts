// Measures every list of the API on a table with many events, and shows how the database finds the rows.
//
//   npm run bench:queries -- [--rows 10000000] [--runs 5] [--folder <on a disk>]
//
// It writes bench/QUERIES.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { format, resolveConfig } from 'prettier';
import { createEmpty } from '../support/database.ts';
import { environmentOf } from '../support/machine.ts';
import { median } from '../support/median.ts';
import { ROOT } from '../support/process.ts';
import { createApiKey, type RunningServer } from '../support/service.ts';
import { fillEvents } from './fill.ts';
import { SigningKey } from './load.ts';
import { SIDES, Template } from './side.ts';
import { vendorsWith } from './vendors.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    runs: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const RESULTS = join(ROOT, 'bench/QUERIES.md');
const rows = Number(values.rows);
const runs = Number(values.runs);

/** A request, and what it shows. */
interface Query {
  readonly what: string;
  /** Relative to the connection. */
  readonly path: string;
}

interface QueryResult extends Query {
  readonly items: number;
  /** Of the first request, whose pages the database may not have in memory. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly plans: readonly Plan[];
}

/** How the database finds the rows of one table in a statement. */
interface Plan {
  readonly table: string;
  readonly type: string;
  readonly index: string;
  readonly rows: number;
}

const folder = mkdtempSync(join(values.folder, 'bench-queries-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const key = new SigningKey();
const side = SIDES.get('service');
if (side === undefined) throw new Error('There is no side of this service.');
const environment = await environmentOf(folder);
const empty = await createEmpty(side.database, join(folder, 'empty'));
const accounts = { key, vendors: vendorsWith(key).filter((vendor) => vendor.key === 'sendgrid') };
let connectionId = '';
const filled = await Template.create(side, accounts, empty, join(folder, 'filled'), async (database, webhooks) => {
  connectionId = webhooks.get('sendgrid')?.connectionId ?? '';
  await fillEvents(database, connectionId, rows);
});
const results = await filled.use(async (running, { url }) => {
  const apiKey = await createApiKey(filled.side.environment(url, key));
  const database = await createConnection({ uri: url });
  try {
    return await measureAll(running, database, `${running.url}/api/v1/connections/${connectionId}`, apiKey);
  } finally {
    await database.end();
  }
});
const text = report(results);
writeFileSync(RESULTS, await format(text, { ...(await resolveConfig(RESULTS)), parser: 'markdown' }));
process.stdout.write(`${text}\n`);

async function measureAll(
  { url }: RunningServer,
  database: Connection,
  connection: string,
  apiKey: string,
): Promise<QueryResult[]> {
  await database.query("SET GLOBAL log_output = 'TABLE'");
  const list: QueryResult[] = [];
  for (const query of await queries(database)) {
    const get = async (): Promise<unknown> => {
      const target = query.path.startsWith('/api') ? `${url}${query.path}` : `${connection}${query.path}`;
      const response = await fetch(target, { headers: { authorization: `Bearer ${apiKey}` } });
      if (response.status !== 200) throw new Error(`${query.path}: ${await response.text()}`);
      return response.json();
    };
    const times: number[] = [];
    await database.query('TRUNCATE mysql.general_log');
    await database.query('SET GLOBAL general_log = ON');
    const begun = performance.now();
    const body = await get();
    const firstMs = performance.now() - begun;
    await database.query('SET GLOBAL general_log = OFF');
    const plans = await plansOf(database);
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await get();
      times.push(performance.now() - start);
    }
    list.push({ ...query, items: itemsOf(body), firstMs, medianMs: median(times), plans });
    process.stdout.write('.');
  }
  return list;
}

async function queries(database: Connection): Promise<Query[]> {
  const [[event]] = await database.query<RowDataPacket[]>(
    'SELECT recipient, message_id AS message, id, occurred_at AS time FROM email_events WHERE id >= (SELECT MAX(id) DIV 2 FROM email_events) LIMIT 1',
  );
  const { recipient, message, time } = event as { recipient: string; message: string; time: string };
  const at = (offset: number): string => encodeURIComponent(new Date(Number(time) + offset).toISOString());
  const address = encodeURIComponent(recipient);
  const period = `from=${at(-60_000)}&to=${at(60_000)}`;
  return [
    { what: 'the latest events', path: '/events?limit=100' },
    { what: 'the first events', path: '/events?limit=100&order=asc' },
    { what: 'one frequent kind', path: '/events?limit=100&kind=delivered' },
    { what: 'one rare kind (1 of 1,000)', path: '/events?limit=100&kind=complained' },
    { what: 'a kind that never occurred', path: '/events?limit=100&kind=subscribed' },
    { what: 'several kinds', path: '/events?limit=100&kind=bounced,complained' },
    { what: 'several kinds, the first ones', path: '/events?limit=100&kind=bounced,complained&order=asc' },
    { what: 'two minutes in the middle', path: `/events?limit=100&${period}` },
    { what: 'two minutes and a rare kind', path: `/events?limit=100&kind=complained&${period}` },
    { what: 'one recipient', path: `/events?limit=100&recipient=${address}` },
    { what: 'one recipient and a kind', path: `/events?limit=100&kind=opened&recipient=${address}` },
    { what: 'one recipient, the first ones', path: `/events?limit=100&order=asc&recipient=${address}` },
    { what: 'an unknown recipient', path: '/events?limit=100&recipient=nobody%40gmail.example' },
    { what: 'the domain of a third', path: '/events?limit=100&domain=gmail.example' },
    { what: 'an unknown domain', path: '/events?limit=100&domain=nowhere.example' },
    { what: 'one message', path: `/events?limit=100&messageId=${message}` },
    { what: 'an unknown message', path: '/events?limit=100&messageId=unknown' },
    { what: 'the timeline of a message', path: `/messages/${message}` },
    { what: 'the timeline for one recipient', path: `/messages/${message}?recipient=${address}` },
    { what: 'totals of 30 days', path: '/stats?days=30' },
    { what: 'a year by day', path: '/stats?interval=day&days=365' },
    { what: '31 days by hour', path: '/stats?interval=hour&days=31' },
    { what: 'a year of the organization by day', path: '/api/v1/stats?interval=day&days=365' },
    { what: 'the latest webhook requests', path: '/deliveries?limit=100' },
    { what: 'rejected webhook requests', path: '/deliveries?limit=100&status=rejected' },
    { what: 'two statuses of them', path: '/deliveries?limit=100&status=accepted,unauthenticated' },
    { what: 'tests of the connection', path: '/tests' },
    { what: 'all connections', path: '/api/v1/connections' },
  ];
}

/** Of the statements that the service has sent since the log was emptied, those that read. */
async function plansOf(database: Connection): Promise<Plan[]> {
  const [logged] = await database.query<RowDataPacket[]>(
    "SELECT CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log WHERE command_type = 'Query'",
  );
  const statements = logged
    .map((row) => String(row['statement']))
    .filter((statement) => /^\(?SELECT\b/i.test(statement));
  const plans: Plan[] = [];
  for (const statement of new Set(statements)) {
    if (!/\b(?:email_events|event_batches|event_bodies|event_stats)\b/.test(statement)) continue;
    const [lines] = await database.query<RowDataPacket[]>(`EXPLAIN ${statement}`);
    for (const line of lines) {
      const { table, type, key: index, rows: read } = line as Record<string, unknown>;
      // `<derived2>` is the result of another line.
      if (typeof table !== 'string' || table.startsWith('<')) continue;
      plans.push({ table, type: String(type), index: String(index), rows: Number(read) });
    }
  }
  return plans;
}

function itemsOf(body: unknown): number {
  const list = Object.values(body as object).find((value) => Array.isArray(value)) as readonly unknown[] | undefined;
  return list?.length ?? 1;
}

function report(measured: readonly QueryResult[]): string {
  const lines = measured.map(({ what, path, items, firstMs, medianMs, plans }) => {
    const uses = new Map<string, number>();
    for (const { table, type, index, rows: read } of plans) {
      const use = type === 'null' ? 'nothing to read' : `${table}.${index} (${type}, about ${String(read)} rows)`;
      uses.set(use, (uses.get(use) ?? 0) + 1);
    }
    const list = [...uses].map(([use, count]) => (count === 1 ? use : `${String(count)} × ${use}`)).slice(0, 4);
    const cells = [what, `\`${path.replace(/[0-9A-Za-z%._-]{24,}/g, '…')}\``, String(items)];
    return `| ${[...cells, firstMs.toFixed(0), medianMs.toFixed(1), list.join('; ')].join(' | ')} |`;
  });
  const scans = measured.filter(({ plans }) => plans.some(({ type }) => type === 'ALL'));
  return [
    '# Lists of the API',
    `Written by \`npm run bench:queries -- --rows ${String(rows)}\`: one connection with ${rows.toLocaleString('en')} events in MariaDB with a buffer pool of 128 MB. The first request of each kind finds the database as the others left it; then the median of ${String(runs)}. The plans are those that the server explains for the statements it received.`,
    environment.map((line) => `- ${line}`).join('\n'),
    scans.length === 0
      ? 'No statement reads a whole table.'
      : `Whole tables are read for: ${scans.map(({ what }) => what).join(', ')}.`,
    [
      '| What | Request | Items | First, ms | Median, ms | Index (access, estimated rows) |',
      '| --- | --- | --: | --: | --: | --- |',
      ...lines,
    ].join('\n'),
  ].join('\n\n');
}
