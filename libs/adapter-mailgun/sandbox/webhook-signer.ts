import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookPost } from '@score-crm/adapter-kit/sandbox';

/** The HTTP webhook signing key of one account. */
export class WebhookSigner {
  readonly key = `key-${randomBytes(16).toString('hex')}`;

  /** Returns the `signature` of a request. `timestamp` is in Unix seconds; by default, now. */
  credentials(timestamp: string = String(Math.floor(Date.now() / 1000))): Readonly<Record<string, string>> {
    const token = randomBytes(25).toString('hex');
    const signature = createHmac('sha256', this.key)
      .update(timestamp + token)
      .digest('hex');
    return { token, timestamp, signature };
  }

  /** One event for one URL. */
  post(url: string, data: object): WebhookPost {
    return {
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ signature: this.credentials(), 'event-data': data }),
    };
  }
}
