import {
  type MailStep,
  type SandboxAnswer,
  type SandboxKey,
  type SandboxRequest,
  type StartSandbox,
  type VendorSandboxOptions,
  VendorSandboxServer,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { digits, eventsOf } from './events.ts';
import { type AcceptedMail, checkTransmission, type RecipientJson, rendered } from './transmissions.ts';
import { BatchFeed, batchPost, type StoredWebhook, WEBHOOK_DEFAULTS, WebhooksApi } from './webhooks.ts';

const BASE_PATH = '/api/v1';

/** The keys of the sandbox, in the vendor's format. Each except the first causes one of the documented errors. */
export const SANDBOX_KEYS = {
  working: '5a11d0b0c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  /** Can do everything except send. */
  noTransmissions: '5a11d0b1c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  /** Can only send: the minimal key. */
  onlyTransmissions: '5a11d0b2c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  suspended: '5a11d0b3c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  hourlyLimit: '5a11d0b4c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  unverifiedSender: '5a11d0b5c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  blockedSender: '5a11d0b6c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  noRecipients: '5a11d0b7c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  generationRejected: '5a11d0b8c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  rateLimited: '5a11d0b9c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  serverError: '5a11d0bac5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  unavailable: '5a11d0bbc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  hanging: '5a11d0bcc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  notJson: '5a11d0bdc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  signInPage: '5a11d0bec5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
} as const;

/** Changes to the settings of a working account, by the code of the error that they cause. */
const FAILING_SETTINGS = {
  authentication_failed: { apiKey: '0000000000000000000000000000000000000000' },
  invalid_response: { apiKey: SANDBOX_KEYS.signInPage },
  message_rejected: { apiKey: SANDBOX_KEYS.generationRejected },
  permission_denied: { apiKey: SANDBOX_KEYS.noTransmissions },
  quota_exceeded: { apiKey: SANDBOX_KEYS.hourlyLimit },
  rate_limited: { apiKey: SANDBOX_KEYS.rateLimited },
  recipient_rejected: { apiKey: SANDBOX_KEYS.noRecipients },
  sender_not_verified: { apiKey: SANDBOX_KEYS.unverifiedSender },
  sender_rejected: { apiKey: SANDBOX_KEYS.blockedSender },
  temporarily_unavailable: { apiKey: SANDBOX_KEYS.unavailable },
  timeout: { apiKey: SANDBOX_KEYS.hanging },
} as const;

/** A key that works except for these resources. */
function failsAt(answer: SandboxAnswer, ...resources: readonly string[]): SandboxKey {
  return ({ path }) => (resources.some((one) => path.startsWith(`${BASE_PATH}/${one}`)) ? answer : undefined);
}

const KEYS: Readonly<Record<string, SandboxKey>> = {
  [SANDBOX_KEYS.working]: 'works',
  [SANDBOX_KEYS.noTransmissions]: failsAt(answers.forbidden, 'transmissions'),
  [SANDBOX_KEYS.onlyTransmissions]: failsAt(answers.forbidden, 'account', 'sending-domains', 'webhooks'),
  [SANDBOX_KEYS.suspended]: failsAt(answers.forbidden, 'transmissions'),
  [SANDBOX_KEYS.hourlyLimit]: failsAt(answers.hourlyLimit, 'transmissions'),
  [SANDBOX_KEYS.unverifiedSender]: failsAt(answers.unverifiedSender, 'transmissions'),
  [SANDBOX_KEYS.blockedSender]: failsAt(answers.blockedSender, 'transmissions'),
  [SANDBOX_KEYS.noRecipients]: failsAt(answers.noRecipients, 'transmissions'),
  [SANDBOX_KEYS.generationRejected]: failsAt(answers.generationRejected, 'transmissions'),
  [SANDBOX_KEYS.rateLimited]: answers.tooManyRequests,
  [SANDBOX_KEYS.serverError]: answers.serverError,
  [SANDBOX_KEYS.unavailable]: answers.unavailable,
  [SANDBOX_KEYS.hanging]: 'hang',
  [SANDBOX_KEYS.notJson]: answers.notJson,
  [SANDBOX_KEYS.signInPage]: answers.signInPage,
};

/**
 * A strict simulation of SparkPost's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events
 * of each message to the registered webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class SparkpostSandbox extends VendorSandboxServer<AcceptedMail, StoredWebhook> {
  readonly vendor = 'sparkpost';
  readonly settings = { apiKey: SANDBOX_KEYS.working, webhookPassword: 'sandbox-webhook-password' };
  readonly failures = FAILING_SETTINGS;
  protected readonly keys = KEYS;
  protected readonly unknownKey = answers.unauthorized;

  protected override readonly feed = new BatchFeed(this.options.paceMs);
  private readonly api = new WebhooksApi(this.webhooks, this.feed);

  static async start(options: VendorSandboxOptions = {}): Promise<SparkpostSandbox> {
    return new SparkpostSandbox(options).start();
  }

  addForeignWebhook(url: string): void {
    this.api.put({ ...WEBHOOK_DEFAULTS, name: 'Another system', target: url, events: ['delivery', 'bounce'] });
  }

  protected keyOf({ headers }: SandboxRequest): string | undefined {
    return headers.authorization;
  }

  protected override answer(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    return request.path.startsWith(`${BASE_PATH}/`) ? super.answer(request) : answers.notFound;
  }

  protected respond({ method, path, query, headers, body }: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    // A trailing slash is ignored.
    const resource = path.slice(BASE_PATH.length).replace(/\/$/, '');
    if (resource === '/webhooks' || resource.startsWith('/webhooks/')) {
      return this.api.answer(method, resource.slice('/webhooks'.length), query, body);
    }
    if (resource === '/transmissions') return method === 'POST' ? this.transmit(headers, body) : answers.wrongMethod;
    if (method !== 'GET') return answers.wrongMethod;
    if (resource === '/account') return answers.results(account(headers.authorization));
    return resource === '/sending-domains'
      ? answers.results(sendingDomains(this.options.verifiedSenders))
      : answers.notFound;
  }

  protected postsOf(mail: AcceptedMail, step: MailStep): readonly WebhookPost[] {
    const events = step.flatMap(({ recipient, event }) => {
      const found = mail.accepted.find(({ address }) => address.email === recipient);
      return found === undefined ? [] : eventsOf(event, mail, found);
    });
    return this.webhooks.flatMap(({ json }) => batchPost(json, events));
  }

  private transmit(headers: SandboxRequest['headers'], body: Buffer): SandboxAnswer {
    const check = checkTransmission(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    const { transmission: json, accepted, errors } = check;
    const { from } = json.content;
    if (!this.mayUse(from.email)) return answers.unverifiedSender;
    const subject = rendered(json.content.subject, json) ?? '';
    const messageId = digits();
    // Recipients who see the same To have the same message.
    const lines = new Set(accepted.map(lineOf));
    for (const line of lines) {
      const own = accepted.filter((recipient) => lineOf(recipient) === line);
      const recipients = own.map(({ address }) => address.email);
      const mail = { messageId, from: from.email, recipients, subject, json, accepted: own, headers };
      // A scheduled message has no events before its time, and the sandbox does not wait for it.
      this.accept(mail, json.options?.start_time === undefined ? recipients : []);
    }
    return answers.transmission(messageId, accepted.length, errors);
  }
}

function lineOf({ address: { email, header_to: line = email } }: RecipientJson): string {
  return line;
}

export const startSandbox: StartSandbox = (options) => SparkpostSandbox.start(options);

function account(apiKey: string | undefined): object {
  const status = apiKey === SANDBOX_KEYS.suspended ? 'suspended' : 'active';
  return { customer_id: 102_938, company_name: 'Example Inc', country_code: 'US', status, status_reason_category: '' };
}

/** The `results` of `GET /sending-domains`: the domains of the verified senders, and an unverified one. */
function sendingDomains(verifiedSenders: readonly string[] = ['@sender.example']): readonly object[] {
  const domains = new Set(verifiedSenders.map((sender) => sender.slice(sender.indexOf('@') + 1)));
  return [
    ...[...domains].map((domain) => sendingDomain(domain, true, 'valid')),
    sendingDomain('unverified.example', false, 'valid'),
    sendingDomain('blocked.example', true, 'blocked'),
  ];
}

function sendingDomain(domain: string, ownership_verified: boolean, compliance_status: string): object {
  const checked = ownership_verified ? 'valid' : 'unverified';
  const status = { ownership_verified, dkim_status: checked, cname_status: 'unverified', compliance_status };
  return { domain, status, shared_with_subaccounts: false, is_default_bounce_domain: false };
}
