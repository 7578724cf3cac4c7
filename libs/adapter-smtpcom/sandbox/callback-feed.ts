import { type PostOutcome, WebhookFeed, type WebhookPost } from '@score-crm/adapter-kit/sandbox';

/** An entry of `GET /v4/callbacks/log`. */
export interface LogEntry {
  readonly code: number;
  readonly msg: string;
  readonly time: string;
}

/** Posts callbacks, and records their outcomes by URL. */
export class CallbackFeed extends WebhookFeed {
  private readonly entries: (LogEntry & { readonly url: string })[] = [];

  override async post(post: WebhookPost): Promise<PostOutcome> {
    try {
      const outcome = await super.post(post);
      this.note(post, outcome.status, outcome.status === 200 ? 'OK' : 'Failed');
      return outcome;
    } catch (error) {
      this.note(post, 0, 'No answer');
      throw error;
    }
  }

  /** Returns the requests to these URLs, newest first. */
  log(addresses: ReadonlySet<string>, limit: number): readonly LogEntry[] {
    const asked = this.entries
      .filter(({ url }) => addresses.has(url))
      .map(({ code, msg, time }) => ({ code, msg, time }));
    return asked.toReversed().slice(0, limit);
  }

  private note({ url }: WebhookPost, code: number, msg: string): void {
    this.entries.push({ url, code, msg, time: new Date().toUTCString().replace('GMT', '-0000') });
  }
}
