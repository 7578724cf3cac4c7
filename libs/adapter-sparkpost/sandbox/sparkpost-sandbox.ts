import {
  scenarioOf,
  isVerifiedSender,
  type SandboxAnswer,
  type SandboxRequest,
  SandboxServer,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
  WebhookFeed,
} from '@score-crm/adapter-kit/sandbox';
import type { AcceptedMail } from './accepted-mail.ts';
import { answers } from './answers.ts';
import { checkTransmission } from './check-transmission.ts';
import { FAILING_SETTINGS, refusalOf, SANDBOX_KEYS } from './keys.ts';
import { digits, eventsOf } from './mail-events.ts';
import { rendered } from './render.ts';
import { sendingDomains } from './sending-domains.ts';
import { WEBHOOK_DEFAULTS } from './webhook-json.ts';
import { batchPost } from './webhook-posts.ts';
import { type StoredWebhook, WebhookStore } from './webhook-store.ts';

const BASE_PATH = '/api/v1';

/**
 * A strict simulation of SparkPost's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events
 * of each message to the registered webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class SparkpostSandbox extends SandboxServer implements VendorSandbox {
  readonly vendor = 'sparkpost';
  readonly settings = { apiKey: SANDBOX_KEYS.working, webhookPassword: 'sandbox-webhook-password' };
  readonly failures = FAILING_SETTINGS;
  /** The accepted messages, newest last. */
  readonly mails: AcceptedMail[] = [];

  private readonly feed: WebhookFeed;
  private readonly store: WebhookStore;

  private constructor(private readonly options: VendorSandboxOptions) {
    super();
    this.feed = new WebhookFeed(options.paceMs);
    this.store = new WebhookStore(this.feed);
  }

  static async start(options: VendorSandboxOptions = {}): Promise<SparkpostSandbox> {
    return new SparkpostSandbox(options).listen(options.port);
  }

  get webhooks(): readonly StoredWebhook[] {
    return this.store.all;
  }

  addForeignWebhook(url: string): void {
    this.store.put({ ...WEBHOOK_DEFAULTS, name: 'Another system', target: url, events: ['delivery', 'bounce'] });
  }

  async settled(): Promise<void> {
    await this.feed.settled();
  }

  override async close(): Promise<void> {
    await this.feed.close();
    await super.close();
  }

  protected answer({ method, path, headers, body }: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    if (!path.startsWith(`${BASE_PATH}/`)) return answers.notFound;
    // A trailing slash is ignored.
    const resource = path.slice(BASE_PATH.length).replace(/\/$/, '');
    const refusal = refusalOf(headers.authorization, resource);
    if (refusal !== undefined) return refusal;
    if (resource === '/webhooks' || resource.startsWith('/webhooks/')) {
      return this.store.answer(method, resource.slice('/webhooks'.length), body);
    }
    if (resource === '/transmissions') return method === 'POST' ? this.accept(headers, body) : answers.wrongMethod;
    if (method !== 'GET') return answers.wrongMethod;
    if (resource === '/account') return answers.results(account(headers.authorization));
    return resource === '/sending-domains'
      ? answers.results(sendingDomains(this.options.verifiedSenders))
      : answers.notFound;
  }

  private accept(headers: SandboxRequest['headers'], body: Buffer): SandboxAnswer {
    const check = checkTransmission(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    const { transmission: json, accepted, errors } = check;
    const { from } = json.content;
    if (!isVerifiedSender(this.options.verifiedSenders, from.email)) return answers.unverifiedSender;
    const recipients = accepted.map(({ address }) => address.email);
    const subject = rendered(json.content.subject, json) ?? '';
    const mail = { messageId: digits(), from: from.email, recipients, subject, json, accepted, headers };
    this.mails.push(mail);
    // A scheduled message has no events before its time, and the sandbox does not wait for it.
    if (json.options?.start_time === undefined) this.follow(mail);
    return answers.transmission(mail.messageId, accepted.length, errors);
  }

  /** Returns the events of the message for each of its recipients, step by step. */
  private follow(mail: AcceptedMail): void {
    const scenarios = mail.accepted.map((recipient) => ({ recipient, scenario: scenarioOf(recipient.address.email) }));
    const length = Math.max(...scenarios.map(({ scenario }) => scenario.length));
    this.feed.follow(
      Array.from({ length }, (_, step) => () => {
        const events = scenarios.flatMap(({ recipient, scenario }) => {
          const simulatedEvent = scenario[step];
          return simulatedEvent === undefined ? [] : eventsOf(simulatedEvent, mail, recipient);
        });
        return this.store.all.flatMap(({ json }) => batchPost(json, events));
      }),
    );
  }
}

export const startSandbox: StartSandbox = (options) => SparkpostSandbox.start(options);

function account(apiKey: string | undefined): object {
  const status = apiKey === SANDBOX_KEYS.suspended ? 'suspended' : 'active';
  return { customer_id: 102_938, company_name: 'Example Inc', country_code: 'US', status, status_reason_category: '' };
}
