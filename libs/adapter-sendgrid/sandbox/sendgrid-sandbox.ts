import { randomBytes } from 'node:crypto';
import {
  jsonAnswer,
  type MailStep,
  type PostOutcome,
  type SandboxAnswer,
  type SandboxKey,
  type SandboxRequest,
  type StartSandbox,
  VendorSandboxServer,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { answers, readBody } from './answers.ts';
import {
  eventsOf,
  eventsOfStep,
  integrationTestEvents,
  type SandboxEvent,
  webhookPost,
  WebhookSigner,
} from './events.ts';
import { type AcceptedMail, acceptedMails, checkMail } from './mail.ts';
import { EventWebhook, isAboutSettings, receives, testSchema, WebhookSettings, withAllEvents } from './webhooks.ts';

/** The keys of the sandbox. Each except the first causes one of the documented errors in at least one call. */
export const SANDBOX_KEYS = {
  working: 'SG.sandbox-working.aV9kUeW2QpLrT5xYzB3nMc',
  noMailScope: 'SG.sandbox-no-mail-scope.aV9kUeW2QpLrT5xYzB3nMc',
  noWebhookScope: 'SG.sandbox-no-webhook-scope.aV9kUeW2QpLrT5xYzB3nMc',
  noWebhookUpdate: 'SG.sandbox-no-webhook-update.aV9kUeW2QpLrT5xYzB3nMc',
  noCredits: 'SG.sandbox-no-credits.aV9kUeW2QpLrT5xYzB3nMc',
  unverifiedSender: 'SG.sandbox-unverified-sender.aV9kUeW2QpLrT5xYzB3nMc',
  rateLimited: 'SG.sandbox-rate-limited.aV9kUeW2QpLrT5xYzB3nMc',
  serverError: 'SG.sandbox-server-error.aV9kUeW2QpLrT5xYzB3nMc',
  unavailable: 'SG.sandbox-unavailable.aV9kUeW2QpLrT5xYzB3nMc',
  hanging: 'SG.sandbox-hanging.aV9kUeW2QpLrT5xYzB3nMc',
  notJson: 'SG.sandbox-not-json.aV9kUeW2QpLrT5xYzB3nMc',
} as const;

const SEND_PATH = '/v3/mail/send';
const TEST_PATH = '/v3/user/webhooks/event/test';
const RATE_LIMIT_MS = 30_000;
const SCOPES = [
  'mail.send',
  'mail.batch.create',
  'user.webhooks.event.settings.create',
  'user.webhooks.event.settings.read',
  'user.webhooks.event.settings.update',
  'user.webhooks.event.settings.delete',
  'user.webhooks.event.test.create',
  '2fa_required',
  'sender_verification_eligible',
];
const LACKING: ReadonlyMap<string, RegExp> = new Map([
  [SANDBOX_KEYS.noMailScope, /^mail\.send$/],
  [SANDBOX_KEYS.noWebhookScope, /^user\.webhooks\./],
  [SANDBOX_KEYS.noWebhookUpdate, /^user\.webhooks\.event\.settings\.update$/],
]);
const VERBS: Readonly<Record<string, string>> = { GET: 'read', POST: 'create', PATCH: 'update', DELETE: 'delete' };

/**
 * A strict simulation of SendGrid's API on 127.0.0.1: it rejects what the documentation forbids, and posts the events
 * of each message to the registered event webhooks. It keeps accepted messages in memory and sends nothing.
 */
export class SendgridSandbox extends VendorSandboxServer<AcceptedMail, EventWebhook> {
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
  /** Signs the requests of `post`: the key of a webhook that was set up manually. */
  readonly signer = new WebhookSigner();

  protected readonly unknownKey = ({ headers }: SandboxRequest): SandboxAnswer =>
    headers.authorization === undefined ? answers.noKey : answers.wrongKey;
  protected readonly keys: Readonly<Record<string, SandboxKey>> = {
    [SANDBOX_KEYS.working]: 'works',
    [SANDBOX_KEYS.noMailScope]: 'works',
    [SANDBOX_KEYS.noWebhookScope]: 'works',
    [SANDBOX_KEYS.noWebhookUpdate]: 'works',
    [SANDBOX_KEYS.noCredits]: ({ path }) => (path === SEND_PATH ? answers.noCredits : undefined),
    [SANDBOX_KEYS.unverifiedSender]: ({ path }) => (path === SEND_PATH ? answers.unverifiedSender : undefined),
    [SANDBOX_KEYS.rateLimited]: () => answers.rateLimited(new Date(Date.now() + RATE_LIMIT_MS)),
    [SANDBOX_KEYS.serverError]: answers.serverError,
    [SANDBOX_KEYS.unavailable]: answers.unavailable,
    [SANDBOX_KEYS.hanging]: 'hang',
    [SANDBOX_KEYS.notJson]: answers.notJson,
  };
  private readonly webhookSettings = new WebhookSettings(this.webhooks);

  addForeignWebhook(url: string): void {
    this.webhooks.push(new EventWebhook(withAllEvents(url)));
  }

  /** Returns the events of the accepted message with this id. A message in sandbox mode has none. */
  eventsOf(messageId: string, now?: Date): readonly SandboxEvent[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    return mail === undefined || mail.sandboxed ? [] : eventsOf(mail, now);
  }

  /** Posts events to a webhook, signed, in one batch. */
  post(url: string, events: readonly object[]): Promise<PostOutcome> {
    return this.feed.post(webhookPost(url, events, this.signer));
  }

  /** Posts the events of the console's “Test Your Integration”. */
  postIntegrationTest(url: string): Promise<PostOutcome> {
    return this.post(url, integrationTestEvents(new Date()));
  }

  protected override commonHeaders(): Readonly<Record<string, string>> {
    return {
      'X-RateLimit-Limit': '600',
      'X-RateLimit-Remaining': '599',
      'X-RateLimit-Reset': String(Math.ceil(Date.now() / 1000) + 60),
    };
  }

  protected keyOf({ headers }: SandboxRequest): string | undefined {
    return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  }

  protected respond(request: SandboxRequest): SandboxAnswer {
    const { method, path, headers, body } = request;
    const scopes = scopesOf(this.keyOf(request));
    const scope = scopeFor(method, path);
    if (scope !== undefined && !scopes.includes(scope)) return answers.noScope;
    if (isAboutSettings(path)) return this.webhookSettings.answer(request);
    switch (path) {
      case '/v3/scopes':
        return method === 'GET' ? jsonAnswer(200, { scopes }) : answers.wrongMethod;
      case SEND_PATH:
        return method === 'POST' ? this.acceptMail(headers, body) : answers.wrongMethod;
      case TEST_PATH:
        return method === 'POST' ? this.testWebhook(body) : answers.wrongMethod;
      default:
        return answers.notFound;
    }
  }

  protected postsOf(mail: AcceptedMail, step: MailStep, now: Date): readonly WebhookPost[] {
    const events = eventsOfStep(mail, step, now);
    return this.webhooks.flatMap((webhook) => {
      const selected = events.filter(({ event }) => receives(webhook, event));
      return selected.length === 0 ? [] : [webhookPost(webhook.url, selected, webhook.signer)];
    });
  }

  private acceptMail(headers: SandboxRequest['headers'], body: Buffer): SandboxAnswer {
    const check = checkMail(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    if (!this.mayUse(check.mail.from.email)) return answers.unverifiedSender;
    const messageId = randomBytes(16).toString('base64url');
    const mails = acceptedMails(messageId, check.mail, headers);
    // A message in sandbox mode has no events; a schedule is ignored.
    for (const mail of mails) this.accept(mail, mail.sandboxed ? [] : mail.recipients);
    const isSandboxed = mails.some(({ sandboxed }) => sandboxed);
    return { status: isSandboxed ? 200 : 202, headers: { 'X-Message-Id': messageId } };
  }

  private testWebhook(body: Buffer): SandboxAnswer {
    const read = readBody<{ readonly id?: string; readonly url: string }>(body, testSchema);
    if ('refusal' in read) return read.refusal;
    const { id, url } = read.json;
    const webhook = this.webhooks.find((known) => known.id === id);
    if (id !== undefined && webhook === undefined) return answers.invalidId;
    this.feed.follow([() => [webhookPost(url, integrationTestEvents(new Date()), webhook?.signer)]]);
    return { status: 204 };
  }
}

/** Returns the scopes of a key. */
function scopesOf(key = ''): readonly string[] {
  const lacking = LACKING.get(key);
  return lacking === undefined ? SCOPES : SCOPES.filter((scope) => !lacking.test(scope));
}

/** Returns the scope that a call needs, if it is known. */
function scopeFor(method: string, path: string): string | undefined {
  if (path === SEND_PATH) return 'mail.send';
  if (path === TEST_PATH) return 'user.webhooks.event.test.create';
  return isAboutSettings(path) ? `user.webhooks.event.settings.${VERBS[method] ?? 'read'}` : undefined;
}

export const startSandbox: StartSandbox = (options) => new SendgridSandbox(options).start();
