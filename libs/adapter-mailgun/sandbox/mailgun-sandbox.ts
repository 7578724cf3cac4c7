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
import { type AcceptedMail, acceptedMail } from './accepted-mail.ts';
import { answers } from './answers.ts';
import { domainJson, SANDBOX_DOMAINS } from './domains.ts';
import { refusalOf, SANDBOX_KEYS } from './keys.ts';
import { eventsOf, type SandboxEvent, stepsOf } from './mail-events.ts';
import { brokenRule } from './mail-rules.ts';
import { fileTypesIn, readForm } from './read-form.ts';
import { WebhookSigner } from './webhook-signer.ts';
import { WEBHOOK_TYPES, WebhookUrls } from './webhook-urls.ts';
import { WebhooksApi } from './webhooks-api.ts';

const MAX_BYTES = Math.floor(52.4 * 1024 * 1024);

/**
 * A strict simulation of Mailgun's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events of
 * each message to the registered webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class MailgunSandbox extends SandboxServer implements VendorSandbox {
  readonly vendor = 'mailgun';
  readonly settings = { apiKey: SANDBOX_KEYS.working, domain: SANDBOX_DOMAINS.working };
  readonly failures = {
    authentication_failed: { apiKey: 'sandbox-unknown' },
    permission_denied: { apiKey: SANDBOX_KEYS.analyst },
    quota_exceeded: { apiKey: SANDBOX_KEYS.limited },
    rate_limited: { apiKey: SANDBOX_KEYS.rateLimited },
    recipient_rejected: { domain: SANDBOX_DOMAINS.sandbox },
    sender_not_verified: { domain: SANDBOX_DOMAINS.unverified },
    temporarily_unavailable: { apiKey: SANDBOX_KEYS.unavailable },
  };
  /** The accepted messages, newest last. */
  readonly mails: AcceptedMail[] = [];
  /** The account's key: it signs what is posted to its webhooks. */
  readonly signer = new WebhookSigner();

  private readonly urls = new WebhookUrls();
  private readonly webhooksApi = new WebhooksApi(this.urls);
  private readonly verifiedSenders: readonly string[] | undefined;
  private readonly feed: WebhookFeed;

  private constructor({ verifiedSenders, paceMs }: VendorSandboxOptions) {
    super();
    this.verifiedSenders = verifiedSenders;
    this.feed = new WebhookFeed(paceMs);
  }

  static async start(options: VendorSandboxOptions = {}): Promise<MailgunSandbox> {
    return new MailgunSandbox(options).listen(options.port);
  }

  get webhooks(): readonly SandboxWebhook[] {
    return this.urls.all;
  }

  addForeignWebhook(url: string): void {
    this.urls.set(url, WEBHOOK_TYPES);
  }

  /** Returns the events of the accepted message with this id. */
  eventsOf(messageId: string, now?: Date): readonly SandboxEvent[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    return mail === undefined ? [] : eventsOf(mail, now);
  }

  /** Posts one event to a webhook, with a new signature. */
  post(url: string, data: object): Promise<PostOutcome> {
    return this.feed.post(this.signer.post(url, data));
  }

  settled(): Promise<void> {
    return this.feed.settled();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.feed.close();
  }

  protected async answer(request: SandboxRequest): Promise<SandboxAnswer> {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refusal;
    const { method, path } = request;
    if (path === '/v5/accounts/http_signing_key' && method === 'GET') {
      return jsonAnswer(200, { http_signing_key: this.signer.key });
    }
    const [, version = '', domains, name = '', what] = /^\/(v[34])\/(domains\/)?([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const domain = decodeURIComponent(name);
    if (domain === '') return method === 'GET' ? answers.greeting : answers.notFound;
    const shown = domainJson(domain);
    if (shown === undefined) return answers.domainNotFound(domain);
    if (domains === undefined && what === 'messages' && method === 'POST') return this.accept(domain, request);
    if (domains !== undefined && what === 'webhooks') return this.webhooksApi.answer(version, request);
    return version === 'v4' && what === undefined && method === 'GET' ? jsonAnswer(200, shown) : answers.notFound;
  }

  private async accept(domain: string, request: SandboxRequest): Promise<SandboxAnswer> {
    if (request.body.length > MAX_BYTES) return answers.tooLarge;
    const form = await readForm(request);
    if (form === undefined) return answers.invalid('malformed multipart/form-data request');
    if (domain === SANDBOX_DOMAINS.unverified) return answers.unverified(domain);
    if (domain === SANDBOX_DOMAINS.disabled) return answers.disabled(domain);
    const now = new Date();
    const broken = brokenRule(form, now);
    if (broken !== undefined) return answers.invalid(broken);
    if (domain === SANDBOX_DOMAINS.sandbox) return answers.notAuthorized(domain);
    const mail = acceptedMail(domain, form, fileTypesIn(request), now);
    // Mailgun itself requires only a verified domain. Here the sender's domain is checked instead, as in all sandboxes.
    if (!isVerifiedSender(this.verifiedSenders, mail.from)) return answers.unverified(domain);
    this.mails.push(mail);
    this.feed.follow(stepsOf(mail).map((step) => () => this.postsOf(step(new Date()))));
    return answers.queued(mail.messageId);
  }

  private postsOf(events: readonly SandboxEvent[]): readonly ReturnType<WebhookSigner['post']>[] {
    return events.flatMap(({ type, data }) => this.urls.urlsOf(type).map((url) => this.signer.post(url, data)));
  }
}

export const startSandbox: StartSandbox = (options) => MailgunSandbox.start(options);
