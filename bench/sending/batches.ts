import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { markdown } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import { Process } from '../support/process.ts';
import type { Outcome } from './callers.ts';
import { runSide, scriptOf, Template } from './side.ts';
import type { Received } from './vendor-sandbox.ts';

/** The vendors that accept several emails in one call. */
export const BATCH_VENDORS = ['mailgun', 'postmark', 'sendgrid', 'sparkpost'] as const;
const SIDES = ['send', 'sendBatch'] as const;
const CALLERS = 16;

export interface BatchPlan {
  readonly vendors: readonly string[];
  readonly emails: number;
  readonly runs: number;
  /** For the databases, on a disk. */
  readonly folder: string;
}

export interface BatchResult extends Outcome {
  readonly vendor: string;
  readonly side: (typeof SIDES)[number];
  readonly run: number;
  /** Processor time of the database per email, warm-up included, in microseconds. */
  readonly databaseMicros: number;
  /** Per request, warm-up included. */
  readonly emailsPerRequest: number;
}

/** Measures batches of vendors against one call for each email, in turns. */
export async function measureBatches({ vendors, emails, runs, folder }: BatchPlan): Promise<BatchResult[]> {
  const unknown = vendors.find((vendor) => !BATCH_VENDORS.some((known) => known === vendor));
  if (unknown !== undefined) throw new Error(`Unknown vendor ${unknown}. Vendors: ${BATCH_VENDORS.join(', ')}`);
  const results: BatchResult[] = [];
  for (const vendor of vendors) {
    const sandbox = await Sandbox.start(vendor);
    const { url, settings } = await sandbox.takeReceived();
    const connections = new Map([[vendor, { name: vendor, vendor, settings }]]);
    const endpoint = { [`${vendor.toUpperCase()}_API_URL`]: url };
    const template = await Template.create(join(folder, `database-${vendor}`), connections, endpoint);
    for (let run = 0; run < runs; run++) {
      for (const side of run % 2 === 0 ? SIDES : SIDES.toReversed()) {
        results.push({ vendor, side, run, ...(await measureSide(side, { emails, template, sandbox })) });
        process.stdout.write('.');
      }
    }
    await sandbox.stop();
  }
  return results;
}

/** The sandbox of a vendor in a process of its own. */
class Sandbox {
  private constructor(
    readonly vendor: string,
    private readonly child: Process,
    private readonly control: string,
  ) {}

  static async start(vendor: string): Promise<Sandbox> {
    const port = String(await freePort());
    const child = new Process(process.execPath, [scriptOf('vendor-sandbox.js')], {
      VENDOR: vendor,
      CONTROL_PORT: port,
    });
    const sandbox = new Sandbox(vendor, child, `http://127.0.0.1:${port}`);
    await child.waitUntil(async () => (await sandbox.takeReceived().catch(() => undefined)) !== undefined);
    return sandbox;
  }

  /** What has arrived since the last call. */
  async takeReceived(): Promise<Received> {
    return (await (await fetch(this.control)).json()) as Received;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

interface Conditions {
  readonly emails: number;
  readonly template: Template;
  readonly sandbox: Sandbox;
}

/** @throws Error if the sandbox has not received each email once, or not every email has its event */
async function measureSide(side: BatchResult['side'], { emails, template, sandbox }: Conditions) {
  const load = { callers: CALLERS, warmUp: Math.min(1_000, Math.ceil(emails / 5)), emails };
  const all = load.warmUp + emails;
  const { url } = await sandbox.takeReceived();
  return template.use(async (database) => {
    const before = database.processorSeconds();
    const environment = {
      ...template.environment(database.url),
      CONNECTION_ID: template.connections.get(sandbox.vendor) ?? '',
      VENDOR_ENDPOINTS: JSON.stringify({ [sandbox.vendor]: url }),
      BATCH: side === 'sendBatch' ? '1' : '0',
    };
    const outcome = await runSide('vendor.js', environment, load, undefined);
    const databaseMicros = ((database.processorSeconds() - before) * 1e6) / all;
    const events = await database.count(['email_events']);
    const received = await sandbox.takeReceived();
    if (events !== all || received.emails !== all || received.recipients !== all) {
      throw new Error(
        `${side}: ${String(events)} events of ${String(all)} emails. Received: ${JSON.stringify(received)}`,
      );
    }
    return { ...outcome, databaseMicros, emailsPerRequest: all / received.requests };
  });
}

/** The results as Markdown. */
export function batchTable(results: readonly BatchResult[]): string {
  const rows = [...new Set(results.map(({ vendor }) => vendor))].flatMap((vendor) =>
    SIDES.map((side) => {
      const own = results.filter((result) => result.vendor === vendor && result.side === side);
      const ratios = own.flatMap(({ run, emailsPerSecond }) => {
        const base = results.find((one) => one.vendor === vendor && one.side === 'send' && one.run === run);
        return base === undefined ? [] : [emailsPerSecond / base.emailsPerSecond];
      });
      const middle = (value: (of: BatchResult) => number, digits = 0): string => median(own.map(value)).toFixed(digits);
      return [
        vendor,
        side,
        middle(({ emailsPerRequest }) => emailsPerRequest),
        middle(({ emailsPerSecond }) => emailsPerSecond),
        median(ratios).toFixed(2),
        middle(({ processorMicros }) => processorMicros),
        middle(({ databaseMicros }) => databaseMicros),
      ];
    }),
  );
  const header = ['Vendor', 'Side', 'Emails/request', 'Emails/s', '× send', 'CPU µs', 'Database CPU µs'];
  return markdown([header, ...rows]);
}
