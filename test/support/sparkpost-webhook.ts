import { randomBytes } from 'node:crypto';
import type { Answer, TestService } from './service.ts';

const USERNAME = 'score-crm';

/** A SparkPost connection of the service, and the webhook that the vendor would have for it. Its bodies may be large. */
export class SparkpostWebhook {
  private constructor(
    readonly service: TestService,
    readonly id: string,
    private readonly password: string,
  ) {}

  static async create(service: TestService, token?: string): Promise<SparkpostWebhook> {
    const webhookPassword = service.watch(randomBytes(24).toString('base64url'));
    const apiKey = service.watch(randomBytes(20).toString('hex'));
    const created = await service.call('POST', '/api/v1/connections', {
      ...(token === undefined ? {} : { token }),
      body: { name: 'Campaigns', vendor: 'sparkpost', settings: { apiKey, webhookPassword } },
    });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return new SparkpostWebhook(service, String(created.body.id), webhookPassword);
  }

  post(events: readonly object[]): Promise<Answer<any>> {
    const authorization = `Basic ${Buffer.from(`${USERNAME}:${this.password}`).toString('base64')}`;
    return this.service.call('POST', `/webhooks/v2/sparkpost/${this.id}`, {
      token: null,
      headers: { authorization },
      body: JSON.stringify(events),
    });
  }
}

let lastId = 0;

/** A click with an id of its own. */
export function sparkpostClick(fields: Readonly<Record<string, unknown>> = {}): object {
  lastId++;
  return {
    msys: {
      track_event: {
        type: 'click',
        event_id: `71034817624${String(lastId).padStart(8, '0')}`,
        timestamp: '1755444161',
        rcpt_to: 'ada@recipient.example',
        ...fields,
      },
    },
  };
}
