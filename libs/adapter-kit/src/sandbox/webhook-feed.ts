import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** One webhook request, ready to be sent. */
export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | string;
}

/** The result of a webhook request. */
export interface PostOutcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 10_000;
const DEFAULT_PACE_MS = 200;

/**
 * Posts events to webhooks as a vendor does: some time after the message, and again if the response is not a success.
 */
export class WebhookFeed {
  private readonly running = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  /** @param paceMs the delay between two steps of a message, and before the first repetition of a request */
  constructor(private readonly paceMs: number = DEFAULT_PACE_MS) {
    // Each message in progress adds a listener.
    setMaxListeners(0, this.closing.signal);
  }

  /** Runs the steps in order, `paceMs` apart. The requests of a step are created when it is due. */
  follow(steps: readonly (() => readonly WebhookPost[])[]): void {
    const run = this.run(steps)
      // It was closed while waiting.
      .catch(() => undefined)
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Posts once. @throws if there was no response */
  async post({ url, headers, body }: WebhookPost): Promise<PostOutcome> {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.closing.signal]);
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  }

  /** Resolves when everything that was started has been posted or given up. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.settled();
  }

  private async run(steps: readonly (() => readonly WebhookPost[])[]): Promise<void> {
    for (const step of steps) {
      await delay(this.paceMs, undefined, { signal: this.closing.signal });
      await Promise.all(step().map((post) => this.repeatedly(post)));
    }
  }

  private async repeatedly(post: WebhookPost): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const status = await this.post(post).then(
        (outcome) => outcome.status,
        () => 0,
      );
      if (status >= 200 && status < 300) return;
      await delay(this.paceMs * attempt, undefined, { signal: this.closing.signal });
    }
  }
}
