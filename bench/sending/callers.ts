import { peakMemory } from '../support/process.ts';

export interface Load {
  /** How many emails are sent at the same time. */
  readonly callers: number;
  /** Sent before the measurement. */
  readonly warmUp: number;
  readonly emails: number;
}

export interface Timing {
  readonly emailsPerSecond: number;
  /** From the call to its result, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** What a process measured of itself. */
export interface Outcome extends Timing {
  /** Processor time per email of the measurement, in microseconds. */
  readonly processorMicros: number;
  /** The largest resident memory up to each tenth of the emails, in bytes. */
  readonly peaks: readonly number[];
}

/** The state of the process whose sending is measured. */
export interface Watched {
  processorSeconds(): number;
  /** In bytes. */
  peakMemory(): number;
}

const TENTHS = 10;

/** Sends emails with the numbers from 0. Each caller sends its next email when it has the result of the last one. */
export async function measure(
  load: Load,
  watched: Watched,
  send: (number: number) => Promise<unknown>,
): Promise<Outcome> {
  await sendAll(0, load.warmUp, load.callers, send);
  const { emails, warmUp } = load;
  const latencies = new Float64Array(emails);
  const peaks: number[] = [];
  const processor = watched.processorSeconds();
  const start = performance.now();
  let done = 0;
  await sendAll(warmUp, emails, load.callers, async (number) => {
    const begun = performance.now();
    await send(number);
    latencies[done] = performance.now() - begun;
    done += 1;
    if (done % Math.ceil(emails / TENTHS) === 0) peaks.push(watched.peakMemory());
  });
  const seconds = (performance.now() - start) / 1_000;
  latencies.sort();
  return {
    emailsPerSecond: emails / seconds,
    p50: latencies[Math.floor(emails * 0.5)] ?? 0,
    p99: latencies[Math.floor(emails * 0.99)] ?? 0,
    processorMicros: ((watched.processorSeconds() - processor) * 1e6) / emails,
    peaks,
  };
}

async function sendAll(
  first: number,
  emails: number,
  callers: number,
  send: (number: number) => Promise<unknown>,
): Promise<void> {
  let next = first;
  const call = async (): Promise<void> => {
    while (next < first + emails) await send(next++);
  };
  await Promise.all(Array.from({ length: callers }, call));
}

/** Measures a side that sends in its own process, as its environment says, and prints the outcome. */
export async function measureHere(send: (number: number) => Promise<unknown>): Promise<void> {
  const load = JSON.parse(process.env['LOAD'] ?? '') as Load;
  print(await measure(load, SELF, send));
}

/** Like `measureHere`, for a side that sends many emails in one call, in which no email has a latency. */
export async function measureBatchHere(sendAll: (numbers: readonly number[]) => Promise<unknown>): Promise<void> {
  const { warmUp, emails } = JSON.parse(process.env['LOAD'] ?? '') as Load;
  const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
  await sendAll(from(0, warmUp));
  const processor = SELF.processorSeconds();
  const start = performance.now();
  await sendAll(from(warmUp, emails));
  const seconds = (performance.now() - start) / 1_000;
  const processorMicros = ((SELF.processorSeconds() - processor) * 1e6) / emails;
  print({ emailsPerSecond: emails / seconds, p50: 0, p99: 0, processorMicros, peaks: [SELF.peakMemory()] });
}

const SELF: Watched = {
  processorSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  peakMemory: () => peakMemory('self'),
};

function print(outcome: Outcome): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
