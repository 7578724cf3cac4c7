import { type Dispatcher, Pool } from 'undici';
import type { Post } from './load.ts';

export interface ClientOptions {
  readonly url: string;
  readonly path: string;
  readonly posts: readonly Post[];
  readonly inFlight: number;
  /** Before the measurement, with at most a part of the posts. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What a client saw. */
export interface Outcome {
  /** Answered with 200, warm-up included. */
  readonly acknowledgedEvents: number;
  /** Not answered with 200, warm-up included: requests by status, 0 for no answer. */
  readonly failures: Readonly<Record<string, number>>;
  readonly failedEvents: number;
  /** From the first request of the measurement to the last answer. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  /** Of answers with 200, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const WARM_UP_PART = 0.3;
/** Before the next request after one that failed. Vendors wait longer, and the request is not repeated. */
const PAUSE_MS = 250;

/** Sends posts with a fixed number in flight, without a pause while they succeed, and each one once. */
export async function measure(options: ClientOptions): Promise<Outcome> {
  const client = new Client(options);
  try {
    // It ends with an answer to every request, so that the measurement counts exactly what was done in its time.
    await client.sendFor(options.warmUpSeconds, options.posts.length * WARM_UP_PART);
    const warmUp = client.takeCounts();
    const seconds = await client.sendFor(options.seconds, options.posts.length);
    const { acknowledged, events, latencies, failures, failedEvents } = client.takeCounts();
    if (acknowledged === 0) {
      throw new Error(`No request was answered with 200: ${JSON.stringify({ ...warmUp.failures, ...failures })}`);
    }
    latencies.sort((a, b) => a - b);
    return {
      acknowledgedEvents: warmUp.events + events,
      failures: added(warmUp.failures, failures),
      failedEvents: warmUp.failedEvents + failedEvents,
      seconds,
      requestsPerSecond: acknowledged / seconds,
      eventsPerSecond: events / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  } finally {
    await client.close();
  }
}

interface Counts {
  acknowledged: number;
  events: number;
  latencies: number[];
  failures: Record<string, number>;
  failedEvents: number;
}

class Client {
  private readonly pool: Pool;
  private counts = noCounts();
  private position = 0;

  constructor(private readonly options: ClientOptions) {
    this.pool = new Pool(options.url, { connections: options.inFlight, pipelining: 1 });
  }

  takeCounts(): Counts {
    const { counts } = this;
    this.counts = noCounts();
    return counts;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /**
   * @param until the number of the post at which it ends, if that comes before the time
   * @returns the seconds until the last answer
   */
  async sendFor(seconds: number, until: number): Promise<number> {
    const start = performance.now();
    const end = start + seconds * 1_000;
    await Promise.all(
      Array.from(
        { length: this.options.inFlight },
        () =>
          new Promise<void>((resolve) => {
            const next = (): void => {
              const post = this.options.posts[this.position];
              if (post === undefined || this.position >= until || performance.now() > end) return resolve();
              this.position += 1;
              this.send(post, next);
            };
            next();
          }),
      ),
    );
    return (performance.now() - start) / 1_000;
  }

  private send({ headers, body, events }: Post, done: () => void): void {
    const start = performance.now();
    let status = 0;
    const end = (): void => {
      const { counts } = this;
      if (status === 200) {
        counts.acknowledged += 1;
        counts.events += events;
        counts.latencies.push(performance.now() - start);
      } else {
        counts.failures[String(status)] = (counts.failures[String(status)] ?? 0) + 1;
        counts.failedEvents += events;
        setTimeout(done, PAUSE_MS);
        return;
      }
      done();
    };
    // Without the streams and promises of `request`: the client shares the machine with what it measures.
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: () => undefined,
      onResponseEnd: end,
      onResponseError: () => {
        status = 0;
        end();
      },
    };
    this.pool.dispatch({ method: 'POST', path: this.options.path, headers, body }, handler);
  }
}

function noCounts(): Counts {
  return { acknowledged: 0, events: 0, latencies: [], failures: {}, failedEvents: 0 };
}

function added(some: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...some };
  for (const [status, count] of Object.entries(more)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
