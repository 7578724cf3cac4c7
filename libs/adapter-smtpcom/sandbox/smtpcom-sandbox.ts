import { randomUUID } from 'node:crypto';
import {
  isVerifiedSender,
  type SandboxAnswer,
  type SandboxRequest,
  SandboxServer,
  type SandboxWebhook,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import {
  ACCOUNT,
  channelData,
  type ChannelShape,
  isChannel,
  refusalOf,
  SANDBOX_CHANNELS,
  SANDBOX_KEYS,
} from './account.ts';
import { answers } from './answers.ts';
import { CallbackFeed } from './callback-feed.ts';
import { type CallbackItem, stepsOf } from './callback-items.ts';
import { Callbacks, type VendorEvent } from './callbacks.ts';
import { mailFaults } from './check-mail.ts';
import { type AcceptedMail, type MailJson, recipientsOf } from './mail-json.ts';

export interface SmtpcomSandboxOptions extends VendorSandboxOptions {
  /** The form of the response to an accepted message: a sentence (the default) or only the id. */
  readonly acceptance?: 'sentence' | 'id';
  readonly channelShape?: ChannelShape;
  /** Where the parameters of callbacks are read from: JSON, as clients send them (the default), or the query. */
  readonly callbackParameters?: 'json' | 'query';
}

const LOG_LIMIT = 20;

/**
 * A strict simulation of SMTP.com's API on 127.0.0.1: it rejects what the documentation forbids, and posts callbacks.
 * It keeps accepted messages in memory and sends nothing.
 */
export class SmtpcomSandbox extends SandboxServer implements VendorSandbox {
  readonly vendor = 'smtpcom';
  readonly settings = { apiKey: SANDBOX_KEYS.working, channel: SANDBOX_CHANNELS.active };
  readonly failures = {
    authentication_failed: { apiKey: 'f'.repeat(40) },
    permission_denied: { channel: SANDBOX_CHANNELS.canceled },
    invalid_request: { channel: 'no_such_channel' },
    sender_not_verified: { apiKey: SANDBOX_KEYS.unverifiedSender },
    quota_exceeded: { apiKey: SANDBOX_KEYS.noQuota },
    rate_limited: { apiKey: SANDBOX_KEYS.rateLimited },
    temporarily_unavailable: { apiKey: SANDBOX_KEYS.serverError },
    timeout: { apiKey: SANDBOX_KEYS.hanging },
  };
  /** The accepted messages, newest last. */
  readonly mails: AcceptedMail[] = [];

  private readonly callbacks = new Callbacks();
  private readonly feed: CallbackFeed;

  private constructor(private readonly options: SmtpcomSandboxOptions) {
    super();
    this.feed = new CallbackFeed(options.paceMs);
  }

  static async start(options: SmtpcomSandboxOptions = {}): Promise<SmtpcomSandbox> {
    return new SmtpcomSandbox(options).listen(options.port);
  }

  get webhooks(): readonly SandboxWebhook[] {
    return this.callbacks.webhooks;
  }

  /** Adds a callback of someone else, for one event of the channel; by default that of `settings`. */
  addForeignWebhook(url: string, event: VendorEvent = 'opened', channel: string = SANDBOX_CHANNELS.active): void {
    this.callbacks.set({ channel, event, medium: 'http', address: url });
  }

  /** Returns all events of a message in order, one second apart. */
  itemsOf(messageId: string, now: Date = new Date()): readonly CallbackItem[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    if (mail === undefined) return [];
    return stepsOf(mail).flatMap((step, index) => step(new Date(now.getTime() + index * 1000)));
  }

  settled(): Promise<void> {
    return this.feed.settled();
  }

  override async close(): Promise<void> {
    await this.feed.close();
    await super.close();
  }

  protected answer(request: SandboxRequest): SandboxAnswer {
    // Paths are documented both with and without a trailing slash; both are accepted.
    const [version, resource, name, ...rest] = request.path.replace(/\/$/, '').split('/').slice(1);
    if (version !== 'v4' || rest.length > 0) return answers.notFound;
    const isMessage = resource === 'messages' && name === undefined;
    const refusal = refusalOf(request.headers['x-smtpcom-api'], isMessage);
    if (refusal !== undefined) return refusal;
    if (isMessage) return request.method === 'POST' ? this.accept(request) : answers.notFound;
    if (resource === 'callbacks') return this.answerCallbacks(request, name ?? '');
    if (request.method !== 'GET') return answers.notFound;
    if (resource === 'account' && name === undefined) return answers.success(ACCOUNT);
    return resource === 'channels' && name !== undefined
      ? this.answerChannel(decodeURIComponent(name))
      : answers.notFound;
  }

  private answerChannel(name: string): SandboxAnswer {
    if (!isChannel(name)) return answers.notFound;
    return answers.success(channelData(name, this.options.channelShape ?? 'object'));
  }

  private accept({ headers, body }: SandboxRequest): SandboxAnswer {
    const json = headers['content-type'] === 'application/json' ? readJson(body) : undefined;
    const faults = mailFaults(json);
    if (Object.keys(faults).length > 0) return answers.invalid(faults);
    const mail = json as MailJson;
    if (!isChannel(mail.channel)) return answers.invalid({ channel: 'invalid' });
    if (mail.channel === SANDBOX_CHANNELS.canceled) return answers.invalid({ channel: 'canceled' });
    const from = mail.originator.from.address;
    if (!isVerifiedSender(this.options.verifiedSenders, from)) {
      return answers.invalid({ originator: { from: 'the domain is not verified' } });
    }
    const messageId = randomUUID();
    const accepted = {
      messageId,
      from,
      recipients: recipientsOf(mail),
      subject: mail.subject ?? '',
      json: mail,
      headers,
    };
    this.mails.push(accepted);
    this.feed.follow(stepsOf(accepted).map((step) => () => this.postsOf(accepted, step(new Date()))));
    const sentence = { message: `accepted, msg_id: ${messageId}` };
    return answers.success(this.options.acceptance === 'id' ? { msg_id: messageId } : sentence);
  }

  /** For each step, all items of one callback are one request. */
  private postsOf({ json: { channel } }: AcceptedMail, reported: readonly CallbackItem[]): readonly WebhookPost[] {
    return [...new Set(reported.map(({ event }) => event))].flatMap((event) => {
      const callback = this.callbacks.find(channel, event);
      if (callback?.medium !== 'http') return [];
      const items = reported.filter((one) => one.event === event).map(({ item }) => item);
      const headers = { 'content-type': 'application/json' };
      return [{ url: callback.address, headers, body: JSON.stringify(items) }];
    });
  }

  private answerCallbacks({ method, query, headers, body }: SandboxRequest, event: string): SandboxAnswer {
    const inQuery = Object.fromEntries(query);
    if (event === 'log') return method === 'GET' ? this.answerLog(inQuery) : answers.notFound;
    const isJson = headers['content-type'] === 'application/json' && this.options.callbackParameters !== 'query';
    return this.callbacks.answer(method, event, { ...inQuery, ...(isJson ? (readJson(body) as object) : {}) });
  }

  private answerLog({ channel, limit = String(LOG_LIMIT) }: Readonly<Record<string, string>>): SandboxAnswer {
    if (!isChannel(channel)) return answers.invalid({ channel: 'invalid' });
    const own = this.webhooks.filter(({ id }) => id.startsWith(`${channel}/`));
    return answers.success({ items: this.feed.log(new Set(own.map(({ url }) => url)), Number(limit)) });
  }
}

export const startSandbox: StartSandbox = (options) => SmtpcomSandbox.start(options);

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
