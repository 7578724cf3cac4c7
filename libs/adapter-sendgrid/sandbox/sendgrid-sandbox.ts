import { randomBytes } from 'node:crypto';
import {
  isVerifiedSender,
  jsonAnswer,
  type PostOutcome,
  type SandboxAnswer,
  type SandboxRequest,
  SandboxServer,
  type SandboxWebhook,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
  WebhookFeed,
} from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { checkMail } from './check-mail.ts';
import { EventWebhooks } from './event-webhooks.ts';
import { integrationTestEvents } from './integration-test-events.ts';
import { refusalOf, SANDBOX_KEYS, scopesOf } from './keys.ts';
import { eventsOf, repeated, type SandboxEvent, stepsOf } from './mail-events.ts';
import { type AcceptedMail, acceptedMail } from './mail-json.ts';
import { readBody } from './read-body.ts';
import { scopeFor } from './scopes.ts';
import { withAllEvents, testSchema } from './webhook-json.ts';
import { webhookPost } from './webhook-post.ts';
import { isAboutSettings, WebhookSettings } from './webhook-settings.ts';
import { WebhookSigner } from './webhook-signer.ts';

/**
 * A strict simulation of SendGrid's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events
 * of each message to the registered event webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class SendgridSandbox extends SandboxServer implements VendorSandbox {
  readonly vendor = 'sendgrid';
  readonly settings = { apiKey: SANDBOX_KEYS.working };
  readonly failures = {
    authentication_failed: { apiKey: 'SG.sandbox-unknown' },
    permission_denied: { apiKey: SANDBOX_KEYS.noMailScope },
    quota_exceeded: { apiKey: SANDBOX_KEYS.noCredits },
    rate_limited: { apiKey: SANDBOX_KEYS.rateLimited },
    sender_not_verified: { apiKey: SANDBOX_KEYS.unverifiedSender },
    temporarily_unavailable: { apiKey: SANDBOX_KEYS.unavailable },
  };
  /** The accepted messages, newest last. */
  readonly mails: AcceptedMail[] = [];
  /** Signs the requests of `post`: the key of a webhook that was set up manually. */
  readonly signer = new WebhookSigner();

  private readonly eventWebhooks = new EventWebhooks();
  private readonly webhookSettings = new WebhookSettings(this.eventWebhooks);
  private readonly verifiedSenders: readonly string[] | undefined;
  private readonly feed: WebhookFeed;

  private constructor({ verifiedSenders, paceMs }: VendorSandboxOptions) {
    super();
    this.verifiedSenders = verifiedSenders;
    this.feed = new WebhookFeed(paceMs);
  }

  static async start(options: VendorSandboxOptions = {}): Promise<SendgridSandbox> {
    return new SendgridSandbox(options).listen(options.port);
  }

  get webhooks(): readonly SandboxWebhook[] {
    return this.eventWebhooks.registered;
  }

  addForeignWebhook(url: string): void {
    this.eventWebhooks.add(withAllEvents(url));
  }

  /** Returns the events of the accepted message with this id. */
  eventsOf(messageId: string, now?: Date): readonly SandboxEvent[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    return mail === undefined ? [] : eventsOf(mail, now);
  }

  /** Returns equal events under new ids, as in a repeated request. */
  repeated(events: readonly SandboxEvent[]): readonly SandboxEvent[] {
    return repeated(events);
  }

  /** Posts events to a webhook, signed, in one batch. */
  post(url: string, events: readonly object[]): Promise<PostOutcome> {
    return this.feed.post(webhookPost(url, events, this.signer));
  }

  /** Posts the events of the console's “Test Your Integration”. */
  postIntegrationTest(url: string): Promise<PostOutcome> {
    return this.post(url, integrationTestEvents());
  }

  settled(): Promise<void> {
    return this.feed.settled();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.feed.close();
  }

  protected override commonHeaders(): Readonly<Record<string, string>> {
    return {
      'X-RateLimit-Limit': '600',
      'X-RateLimit-Remaining': '599',
      'X-RateLimit-Reset': String(Math.ceil(Date.now() / 1000) + 60),
    };
  }

  protected answer(request: SandboxRequest): SandboxAnswer {
    const { method, path, headers, body } = request;
    const refusal = refusalOf(headers.authorization, scopeFor(method, path));
    if (refusal !== undefined) return refusal;
    if (isAboutSettings(path)) return this.webhookSettings.answer(request);
    switch (path) {
      case '/v3/scopes':
        return method === 'GET' ? jsonAnswer(200, { scopes: scopesOf(headers.authorization) }) : answers.wrongMethod;
      case '/v3/mail/send':
        return method === 'POST' ? this.accept(headers, body) : answers.wrongMethod;
      case '/v3/user/webhooks/event/test':
        return method === 'POST' ? this.testWebhook(body) : answers.wrongMethod;
      default:
        return answers.notFound;
    }
  }

  private accept(headers: SandboxRequest['headers'], body: Buffer): SandboxAnswer {
    const check = checkMail(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    if (!isVerifiedSender(this.verifiedSenders, check.mail.from.email)) return answers.unverifiedSender;
    const mail = acceptedMail(randomBytes(16).toString('base64url'), check.mail, headers);
    this.mails.push(mail);
    this.feed.follow(stepsOf(mail).map((step) => () => this.eventWebhooks.postsOf(step(new Date()))));
    return { status: mail.sandboxed ? 200 : 202, headers: { 'X-Message-Id': mail.messageId } };
  }

  private testWebhook(body: Buffer): SandboxAnswer {
    const read = readBody<{ readonly id?: string; readonly url: string }>(body, testSchema);
    if ('refusal' in read) return read.refusal;
    const { id, url } = read.json;
    const webhook = id === undefined ? undefined : this.eventWebhooks.find(id);
    if (id !== undefined && webhook === undefined) return answers.invalidId;
    this.feed.follow([() => [webhookPost(url, integrationTestEvents(), webhook?.signer)]]);
    return { status: 204 };
  }
}

export const startSandbox: StartSandbox = (options) => SendgridSandbox.start(options);
