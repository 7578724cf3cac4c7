import {
  jsonAnswer,
  type MailStep,
  type SandboxAnswer,
  type SandboxKey,
  type SandboxRequest,
  type SandboxWebhook,
  VendorSandboxServer,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { vendorEventOf } from './mail-events.ts';
import { type AcceptedMail, acceptedMails, brokenRule, readForm, textsOf } from './mail-form.ts';
import { WebhookSigner } from './webhook-signer.ts';

/** The domains of the account, in each state. */
export const SANDBOX_DOMAINS = {
  working: 'mg.sender.example',
  unverified: 'unverified.sender.example',
  disabled: 'disabled.sender.example',
  /** Each account has one: it sends only to authorized recipients, and there are none. */
  sandbox: 'sandbox0123456789abcdef0123456789abcdef.mailgun.org',
} as const;

/** The keys of the sandbox. Each except the first has fewer permissions, or causes one of the documented errors. */
export const SANDBOX_KEYS = {
  working: 'sandbox-working-0123456789abcdef-01234567-89abcdef',
  /** A sending key of the working domain. */
  sending: 'sandbox-sending-0123456789abcdef-01234567-89abcdef',
  /** Account keys with these roles. */
  analyst: 'sandbox-analyst-0123456789abcdef-01234567-89abcdef',
  developer: 'sandbox-developer-0123456789abcdef-01234567-89abcdef',
  /** Of an account that has used up its sending limit. */
  limited: 'sandbox-limited-0123456789abcdef-01234567-89abcdef',
  rateLimited: 'sandbox-rate-limited-0123456789abcdef-01234567-89abcdef',
  serverError: 'sandbox-server-error-0123456789abcdef-01234567-89abcdef',
  unavailable: 'sandbox-unavailable-0123456789abcdef-01234567-89abcdef',
  hanging: 'sandbox-hanging-0123456789abcdef-01234567-89abcdef',
  notJson: 'sandbox-not-json-0123456789abcdef-01234567-89abcdef',
} as const;

/** https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks */
export const WEBHOOK_TYPES = ['accepted', 'clicked', 'opened', 'unsubscribed', 'delivered', 'complained'].concat([
  'permanent_fail',
  'temporary_fail',
]);
const MAX_URLS = 3;
const MAX_BYTES = Math.floor(52.4 * 1024 * 1024);
/** Selects no scenario, so that a message in test mode is delivered to any recipient. */
const TEST_MODE = 'testmode+';

/** A URL, and the types of events that it receives. */
interface DomainWebhook extends SandboxWebhook {
  readonly types: readonly string[];
}

/**
 * A strict simulation of Mailgun's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events of
 * each message to the registered webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class MailgunSandbox extends VendorSandboxServer<AcceptedMail, DomainWebhook> {
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
  /** The account's key: it signs what is posted to its webhooks. */
  readonly signer = new WebhookSigner();

  /** https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt/rbac-mgmt */
  protected readonly keys: Readonly<Record<string, SandboxKey>> = {
    [SANDBOX_KEYS.working]: 'works',
    [SANDBOX_KEYS.sending]: (request) =>
      sendingDomain(request) === SANDBOX_DOMAINS.working ? undefined : wrongKey(request),
    [SANDBOX_KEYS.analyst]: (request) => (request.method === 'GET' ? withoutAccount(request) : answers.noPermission),
    [SANDBOX_KEYS.developer]: withoutAccount,
    [SANDBOX_KEYS.limited]: (request) => {
      const domain = sendingDomain(request);
      return domain === undefined ? withoutAccount(request) : answers.recipientLimit(domain);
    },
    [SANDBOX_KEYS.rateLimited]: answers.rateLimitedFor(SANDBOX_DOMAINS.working, 30),
    [SANDBOX_KEYS.serverError]: answers.serverError,
    [SANDBOX_KEYS.unavailable]: answers.unavailable,
    [SANDBOX_KEYS.hanging]: 'hang',
    [SANDBOX_KEYS.notJson]: answers.notJson,
  };
  protected readonly unknownKey = wrongKey;

  addForeignWebhook(url: string): void {
    this.putWebhook({ id: url, url, types: WEBHOOK_TYPES });
  }

  protected keyOf({ headers: { authorization = '' } }: SandboxRequest): string | undefined {
    const [, token = ''] = /^Basic (\S+)$/.exec(authorization) ?? [];
    return /^api:(.*)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  }

  protected respond(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    const { method, path } = request;
    if (path === '/v5/accounts/http_signing_key' && method === 'GET') {
      return jsonAnswer(200, { http_signing_key: this.signer.key });
    }
    const [, version, domains, name = '', what] = /^\/(v[34])\/(domains\/)?([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const domain = decodeURIComponent(name);
    if (domain === '') return method === 'GET' ? answers.greeting : answers.notFound;
    const state = STATES.get(domain);
    if (state === undefined) return answers.domainNotFound(domain);
    if (domains === undefined && what === 'messages' && method === 'POST') return this.receive(domain, request);
    if (domains !== undefined && what === 'webhooks') {
      if (version === 'v3') return method === 'GET' ? this.listWebhooks() : answers.notFound;
      if (method === 'DELETE') return this.deleteWebhooks(request.query);
      return method === 'POST' || method === 'PUT' ? this.saveWebhook(request) : answers.notFound;
    }
    const isDomain = version === 'v4' && what === undefined && method === 'GET';
    return isDomain ? jsonAnswer(200, domainJson(domain, state)) : answers.notFound;
  }

  protected postsOf(mail: AcceptedMail, step: MailStep, now: Date): readonly WebhookPost[] {
    return step.flatMap((one) => {
      const { type, data } = vendorEventOf(mail, { ...one, recipient: one.recipient.replace(TEST_MODE, '') }, now);
      return this.urlsOf(type).map((url) => this.signer.post(url, data));
    });
  }

  private async receive(domain: string, request: SandboxRequest): Promise<SandboxAnswer> {
    if (request.body.length > MAX_BYTES) return answers.tooLarge;
    const form = await readForm(request);
    if (form === undefined) return answers.invalid('malformed multipart/form-data request');
    if (domain === SANDBOX_DOMAINS.unverified) return answers.unverified(domain);
    if (domain === SANDBOX_DOMAINS.disabled) return answers.disabled(domain);
    const now = new Date();
    const broken = brokenRule(form, now);
    if (broken !== undefined) return answers.invalid(broken);
    if (domain === SANDBOX_DOMAINS.sandbox) return answers.notAuthorized(domain);
    const mails = acceptedMails(domain, form, request, now);
    // Mailgun itself requires only a verified domain. Here the sender's domain is checked instead, as in all sandboxes.
    if (!mails.every(({ from }) => this.mayUse(from))) return answers.unverified(domain);
    for (const mail of mails) {
      const { recipients, sandboxed } = mail;
      this.accept(mail, sandboxed ? recipients.map((recipient) => TEST_MODE + recipient) : recipients);
    }
    return answers.queued(mails[0]?.messageId ?? '');
  }

  private urlsOf(type: string): readonly string[] {
    return this.webhooks.filter(({ types }) => types.includes(type)).map(({ url }) => url);
  }

  /** null for a type without any. */
  private listWebhooks(): SandboxAnswer {
    const entries = WEBHOOK_TYPES.map((type) => {
      const urls = this.urlsOf(type);
      return [type, urls.length === 0 ? null : { urls }] as const;
    });
    return jsonAnswer(200, { webhooks: Object.fromEntries(entries) });
  }

  private async saveWebhook(request: SandboxRequest): Promise<SandboxAnswer> {
    const form = await readForm(request);
    if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '') || form === undefined) {
      return answers.invalidWebhook('invalid request content type');
    }
    const [url = '', ...others] = textsOf(form, 'url');
    const types = textsOf(form, 'event_types');
    const strange = types.find((type) => !WEBHOOK_TYPES.includes(type));
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
      return answers.invalidWebhook(`invalid parameters: ${url} is not a valid url: invalid URL scheme`);
    }
    if (others.length > 0 || types.length === 0 || strange !== undefined) {
      return answers.invalidWebhook(`invalid parameters: event_types ${strange ?? ''}`);
    }
    const before = this.webhooks.find(({ id }) => id === url)?.types ?? [];
    const isNew = request.method === 'POST';
    if (!isNew && before.length === 0) return answers.webhookNotFound;
    const known = types.find((type) => before.includes(type));
    if (isNew && known !== undefined) {
      return answers.invalidWebhook(`Webhook for event type '${known}' with URL '${url}' already exists`);
    }
    const full = types.find((type) => this.urlsOf(type).filter((other) => other !== url).length >= MAX_URLS);
    if (full !== undefined) return answers.invalidWebhook(`Webhook for event type '${full}' has 3 URLs already`);
    // Creation adds to the events of the URL; an update replaces them.
    this.putWebhook({ id: url, url, types: isNew ? [...before, ...types] : types });
    return this.listWebhooks();
  }

  private deleteWebhooks(query: URLSearchParams): SandboxAnswer {
    const urls = query.getAll('url').flatMap((some) => some.split(','));
    if (urls.join('') === '') return jsonAnswer(400, { Field: 'url' });
    for (const url of urls) this.removeWebhook(url);
    return this.listWebhooks();
  }
}

const STATES: ReadonlyMap<string, 'active' | 'unverified' | 'disabled'> = new Map([
  [SANDBOX_DOMAINS.working, 'active'],
  [SANDBOX_DOMAINS.unverified, 'unverified'],
  [SANDBOX_DOMAINS.disabled, 'disabled'],
  [SANDBOX_DOMAINS.sandbox, 'active'],
]);

/** Returns the domain that a request sends for, or undefined if it sends no message. */
function sendingDomain({ path }: SandboxRequest): string | undefined {
  return /^\/v3\/([^/]+)\/messages$/.exec(path)?.[1];
}

/** `forbidden` is documented for messages; the rest of the API uses the other. */
function wrongKey(request: SandboxRequest): SandboxAnswer {
  return sendingDomain(request) === undefined ? answers.wrongKey : answers.forbidden;
}

/** For roles that cannot read the account's settings. */
function withoutAccount({ path }: SandboxRequest): SandboxAnswer | undefined {
  return path.startsWith('/v5/') ? answers.noPermission : undefined;
}

function domainJson(name: string, state: string): object {
  const disabled = { code: 'abuse', reason: 'Too many complaints', permanently: false };
  return {
    domain: {
      created_at: 'Thu, 13 Oct 2011 18:02:00 GMT',
      id: '123456789012345678901234',
      name,
      require_tls: false,
      smtp_login: `postmaster@${name}`,
      spam_action: 'disabled',
      state,
      type: name === SANDBOX_DOMAINS.sandbox ? 'sandbox' : 'custom',
      web_prefix: 'email',
      web_scheme: 'https',
      ...(state === 'disabled' ? { disabled } : {}),
    },
    receiving_dns_records: [],
    sending_dns_records: [],
  };
}
