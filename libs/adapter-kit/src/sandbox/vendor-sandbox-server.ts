import { type SandboxAnswer, type SandboxRequest, SandboxServer } from './sandbox-server.ts';
import {
  isVerifiedSender,
  type SandboxMail,
  type SandboxWebhook,
  scenarioOf,
  type SimulatedEvent,
  type VendorSandbox,
  type VendorSandboxOptions,
} from './vendor-sandbox.ts';
import { WebhookFeed, type WebhookPost } from './webhook-feed.ts';

/**
 * What a key is good for: `works`, an answer in place of every response, or a function that answers some requests instead of
 * the API.
 */
export type SandboxKey = 'works' | SandboxAnswer | ((request: SandboxRequest) => SandboxAnswer | undefined);

/** What happens to a message at one recipient. */
export interface RecipientEvent {
  readonly recipient: string;
  readonly event: SimulatedEvent;
  /** The position among the recipient's events, from 0. */
  readonly step: number;
}

/** One step of a message: the events of all recipients that have events left. */
export type MailStep = readonly RecipientEvent[];

/** Returns what happens to a message, step by step: at each step, one event for each recipient that has one left. */
export function stepsOf(recipients: readonly string[]): readonly MailStep[] {
  const scenarios = recipients.map((recipient) => ({ recipient, events: scenarioOf(recipient) }));
  const length = Math.max(0, ...scenarios.map(({ events }) => events.length));
  return Array.from({ length }, (_, step) =>
    scenarios.flatMap(({ recipient, events }) => {
      const event = events[step];
      return event === undefined ? [] : [{ recipient, event, step }];
    }),
  );
}

/**
 * The sandbox of an API vendor: a server that checks keys, keeps the accepted messages and the registered webhooks in
 * memory, and posts the events of each message. Imitate the vendor's API strictly in `respond`: reject what its
 * documentation forbids.
 *
 * @example
 * class AcmeSandbox extends VendorSandboxServer {
 *   readonly vendor = 'acme';
 *   readonly settings = { apiKey: 'acme-works' };
 *   readonly failures = { authentication_failed: { apiKey: 'unknown' }, rate_limited: { apiKey: 'acme-limited' } };
 *   protected readonly keys = { 'acme-works': 'works', 'acme-limited': jsonAnswer(429, { error: 'Too fast' }) } as const;
 *   protected readonly unknownKey = jsonAnswer(401, { error: 'Unknown key' });
 *
 *   protected keyOf({ headers }: SandboxRequest) {
 *     return headers.authorization?.replace('Bearer ', '');
 *   }
 *
 *   protected respond({ method, path, body }: SandboxRequest) {
 *     if (method !== 'POST' || path !== '/messages') return jsonAnswer(404, { error: 'Not found' });
 *     const { from, to, subject } = JSON.parse(body.toString());
 *     if (!this.mayUse(from)) return jsonAnswer(403, { error: 'Unknown sender' });
 *     const mail = this.accept({ messageId: randomUUID(), from, recipients: [to], subject });
 *     return jsonAnswer(202, { id: mail.messageId });
 *   }
 *
 *   protected postsOf(mail: SandboxMail, step: MailStep) {
 *     const events = step.map(({ recipient, event }) => ({ kind: event.kind, to: recipient, id: mail.messageId }));
 *     return this.webhooks.map(({ url }) => ({ url, headers: {}, body: JSON.stringify(events) }));
 *   }
 * }
 * export const startSandbox: StartSandbox = (options) => new AcmeSandbox(options).start();
 */
export abstract class VendorSandboxServer<
  Mail extends SandboxMail = SandboxMail,
  Webhook extends SandboxWebhook = SandboxWebhook,
  Options extends VendorSandboxOptions = VendorSandboxOptions,
>
  extends SandboxServer
  implements VendorSandbox
{
  abstract readonly vendor: string;
  abstract readonly settings: VendorSandbox['settings'];
  abstract readonly failures: VendorSandbox['failures'];
  /** The accepted messages, newest last. */
  readonly mails: Mail[] = [];
  /** The registered webhooks, newest last. */
  readonly webhooks: Webhook[] = [];

  protected readonly feed: WebhookFeed;
  /** The account's keys. */
  protected abstract readonly keys: Readonly<Record<string, SandboxKey>>;
  /** The response to any other key, also to none, or a function that returns it. */
  protected abstract readonly unknownKey: SandboxAnswer | ((request: SandboxRequest) => SandboxAnswer);

  constructor(protected readonly options: Options = {} as Options) {
    super();
    this.feed = new WebhookFeed(options.paceMs);
  }

  start(): Promise<this> {
    return this.listen(this.options.port);
  }

  settled(): Promise<void> {
    return this.feed.settled();
  }

  override async close(): Promise<void> {
    await this.feed.close();
    await super.close();
  }

  /** The key of a request, or undefined if it has none. */
  protected abstract keyOf(request: SandboxRequest): string | undefined;

  /** Answers a request with a known key. */
  protected abstract respond(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer>;

  /** The webhook requests of one step of a message. Called when the step is due. */
  protected abstract postsOf(mail: Mail, step: MailStep, now: Date): readonly WebhookPost[];

  /** Whether the vendor has verified this sender. */
  protected mayUse(sender: string): boolean {
    return isVerifiedSender(this.options.verifiedSenders, sender);
  }

  /**
   * Keeps a message and posts its events.
   * @param recipients those whose events are posted; by default, all
   */
  protected accept(mail: Mail, recipients: readonly string[] = mail.recipients): Mail {
    this.mails.push(mail);
    this.feed.follow(stepsOf(recipients).map((step) => () => this.postsOf(mail, step, new Date())));
    return mail;
  }

  /** Adds a webhook, or replaces the one with its id. */
  protected putWebhook(webhook: Webhook): void {
    const index = this.webhooks.findIndex(({ id }) => id === webhook.id);
    if (index < 0) this.webhooks.push(webhook);
    else this.webhooks[index] = webhook;
  }

  /** Removes a webhook. @returns whether there was one with this id */
  protected removeWebhook(id: string): boolean {
    const index = this.webhooks.findIndex((webhook) => webhook.id === id);
    if (index >= 0) this.webhooks.splice(index, 1);
    return index >= 0;
  }

  protected answer(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    const key = this.keyOf(request) ?? '';
    const rule = Object.hasOwn(this.keys, key) ? this.keys[key] : undefined;
    if (rule === undefined) return typeof this.unknownKey === 'function' ? this.unknownKey(request) : this.unknownKey;
    const refusal = typeof rule === 'function' ? rule(request) : rule === 'works' ? undefined : rule;
    return refusal ?? this.respond(request);
  }
}

/** Returns the JSON of a request, or undefined if it has another type or is not JSON. */
export function jsonBody({ headers, body }: SandboxRequest): unknown {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
