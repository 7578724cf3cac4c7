// Measures how fast emails are sent, with nodemailer's own pool, the module and the API, to one mail server and in turns.
//
//   npm run bench:sending -- --quick   about eight minutes (default)
//   npm run bench:sending -- --full    about an hour; shows whether the memory grows, too
//   npm run bench:sending -- --sockets 5,20 [--sides pool,module] [--runs 2] [--emails 3000]
//                                      only these; writes no file
//   npm run bench:sending -- --batches mailgun,sendgrid [--runs 2] [--emails 3000]
//                                      only batches of these vendors against one call for each email; writes no file
//
// Other options: --folder for the databases, which must be on a disk, --profile with a folder for CPU profiles of the sides (it
// makes them slower).
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentOf } from '../support/machine.ts';
import { writeResults } from '../support/results.ts';
import { BATCH_VENDORS, batchTable, measureBatches } from './batches.ts';
import { FULL, part, type Part, type Plan, QUICK } from './plan.ts';
import { report, type Result, summary, TITLE } from './report.ts';
import { type Conditions, measureSide, SIDES, Sink, sinkConnections, Template } from './side.ts';

const TMPFS = 0x01_02_19_94;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    sockets: { type: 'string' },
    batches: { type: 'string' },
    sides: { type: 'string', default: [...SIDES.keys()].join(',') },
    runs: { type: 'string', default: '2' },
    emails: { type: 'string', default: '3000' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
  },
});

const folder = mkdtempSync(join(values.folder, 'bench-sending-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

if (statfsSync(folder).type === TMPFS) {
  throw new Error(`${folder} is in memory, where a commit takes no time. Use --folder with a folder on a disk.`);
}
const [emails, runs] = [Number(values.emails), Number(values.runs)];
if (values.batches === undefined) await measureSending();
else
  process.stdout.write(
    `${batchTable(await measureBatches({ vendors: values.batches.split(','), emails, runs, folder }))}\n`,
  );
// The sink still runs.
process.exit();

async function measureSending(): Promise<void> {
  const start = performance.now();
  const plan = planned();
  const environment = await environmentOf(folder);
  const results = await carryOut(plan);
  if (values.sockets !== undefined) return;
  const batches = await measureBatches({ vendors: BATCH_VENDORS, ...plan.batches, folder });
  const minutes = (performance.now() - start) / 60_000;
  await writeResults(TITLE, report({ plan, results, batches, environment, minutes }));
}

function planned(): Plan {
  if (values.sockets === undefined) return values.full === true ? FULL : QUICK;
  const sides = values.sides.split(',');
  const unknown = sides.find((side) => !SIDES.has(side));
  if (unknown !== undefined) throw new Error(`Unknown side ${unknown}. Sides: ${[...SIDES.keys()].join(', ')}`);
  const levels = values.sockets.split(',').map(Number);
  return {
    name: 'sockets',
    parts: levels.map((sockets) => part(sockets, emails, runs, sides)),
    batches: { emails, runs },
  };
}

async function carryOut({ parts }: Plan): Promise<Result[]> {
  const sink = await Sink.start();
  const sockets = [...new Set(parts.map((each) => each.sockets))];
  const template = await Template.create(join(folder, 'database'), sinkConnections(sink, sockets));
  const results: Result[] = [];
  for (const each of parts) {
    const measurements = await measureInTurns(each, { sink, template, profileFolder: values.profile });
    const result = { ...each, measurements };
    process.stdout.write(`\n${summary(result)}\n\n`);
    results.push(result);
  }
  return results;
}

/** Every second run is in the opposite order, so that a machine that becomes slower harms all sides alike. */
async function measureInTurns(part: Part, conditions: Conditions): Promise<Result['measurements']> {
  const measurements: Result['measurements'][number][] = [];
  for (let run = 0; run < part.runs; run++) {
    for (const side of run % 2 === 0 ? part.sides : part.sides.toReversed()) {
      measurements.push({ ...(await measureSide(side, part, conditions)), run });
      process.stdout.write('.');
    }
  }
  return measurements;
}
