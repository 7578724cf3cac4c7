import { randomBytes } from 'node:crypto';
import { vendorBody, WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import type { Answer, TestService } from './service.ts';

export interface VendorEvent {
  readonly [field: string]: unknown;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** A SendGrid connection of the service, and the webhook that the vendor would have for it. */
export class SendgridWebhook {
  readonly path: string;

  private constructor(
    readonly service: TestService,
    readonly id: string,
    readonly signer: WebhookSigner,
  ) {
    this.path = `/webhooks/v2/sendgrid/${id}`;
  }

  static async create(service: TestService, token?: string): Promise<SendgridWebhook> {
    const signer = new WebhookSigner();
    const created = await service.call('POST', '/api/v1/connections', {
      ...(token === undefined ? {} : { token }),
      body: {
        name: 'Campaigns',
        vendor: 'sendgrid',
        settings: {
          apiKey: service.watch(`SG.${randomBytes(24).toString('base64url')}`),
          webhookSigningKey: service.watch(signer.publicKey),
        },
      },
    });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return new SendgridWebhook(service, String(created.body.id), signer);
  }

  /** Posts a batch as the vendor does. */
  post(events: readonly object[], options: PostOptions = {}): Promise<Answer<any>> {
    return this.postSigned(vendorBody(events).toString(), options);
  }

  /** Posts a body that is signed as it is. */
  postSigned(body: string, options: PostOptions = {}): Promise<Answer<any>> {
    const headers = { ...this.signer.headersFor(Buffer.from(body)), ...options.headers };
    return this.postAs(body, headers, options.path);
  }

  postAs(body: string, headers: Readonly<Record<string, string>>, path = this.path): Promise<Answer<any>> {
    return this.service.call('POST', path, { token: null, headers, body });
  }
}

/** An event with ids of its own. */
export function vendorEvent(event: string, fields: VendorEvent = {}): VendorEvent {
  return {
    email: 'ada@recipient.example',
    timestamp: 1_755_444_161,
    event,
    sg_event_id: newId(),
    sg_message_id: `${newId()}.recvd-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.0`,
    ...fields,
  };
}

export function newId(): string {
  return randomBytes(16).toString('base64url');
}
