import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** One post to a webhook, ready to be sent. */
export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | string;
}

/** What became of a post. */
export interface PostOutcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 10_000;
const DEFAULT_PACE_MS = 200;

/** Posts events to webhooks as a vendor does: a while after the mail, and again where the answer is no success. */
export class WebhookFeed {
  private readonly running = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  /** @param paceMs the time between two steps of a mail, and the first of those before a post is repeated */
  constructor(private readonly paceMs: number = DEFAULT_PACE_MS) {
    // Every mail on its way listens.
    setMaxListeners(0, this.closing.signal);
  }

  /** Takes the steps one after another, a pace apart; what each posts is asked for when its time has come. */
  follow(steps: readonly (() => readonly WebhookPost[])[]): void {
    const run = this.run(steps)
      // It was closed in the middle.
      .catch(() => undefined)
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Posts once. @throws if nobody answered */
  async post({ url, headers, body }: WebhookPost): Promise<PostOutcome> {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.closing.signal]);
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  }

  /** Resolves when everything that was begun is posted or given up. */
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
