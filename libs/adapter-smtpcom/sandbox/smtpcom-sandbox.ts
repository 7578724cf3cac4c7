import { randomUUID } from 'node:crypto';
import {
  jsonBody,
  type MailStep,
  type SandboxAnswer,
  type SandboxRequest,
  type StartSandbox,
  stepsOf,
  VendorSandboxServer,
  type VendorSandboxOptions,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import {
  ACCOUNT,
  answers,
  channelData,
  type ChannelShape,
  isChannel,
  KEY_RULES,
  SANDBOX_CHANNELS,
  SANDBOX_KEYS,
} from './account.ts';
import {
  type Callback,
  CallbackFeed,
  type CallbackItem,
  isVendorEvent,
  itemsOf,
  type VendorEvent,
} from './callbacks.ts';
import { type AcceptedMail, mailFaults, type MailJson, recipientsOf } from './mail.ts';

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
export class SmtpcomSandbox extends VendorSandboxServer<AcceptedMail, Callback, SmtpcomSandboxOptions> {
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

  protected readonly keys = KEY_RULES;
  protected readonly unknownKey = answers.wrongKey;
  protected override readonly feed = new CallbackFeed(this.options.paceMs);

  static start(options: SmtpcomSandboxOptions = {}): Promise<SmtpcomSandbox> {
    return new SmtpcomSandbox(options).start();
  }

  /** Adds a callback of someone else, for one event of the channel; by default that of `settings`. */
  addForeignWebhook(url: string, event: VendorEvent = 'opened', channel: string = SANDBOX_CHANNELS.active): void {
    this.putWebhook({ id: idOf(channel, event), channel, event, medium: 'http', url });
  }

  /** Returns all events of a message in order, one second apart. */
  itemsOf(messageId: string, now: Date = new Date()): readonly CallbackItem[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    if (mail === undefined) return [];
    return stepsOf(mail.recipients).flatMap((step, index) =>
      itemsOf(mail, step, new Date(now.getTime() + index * 1000)),
    );
  }

  protected keyOf({ headers }: SandboxRequest): string | undefined {
    return headers['x-smtpcom-api']?.toString();
  }

  protected respond(request: SandboxRequest): SandboxAnswer {
    // Paths are documented both with and without a trailing slash; both are accepted.
    const [version, resource, name, ...rest] = request.path.replace(/\/$/, '').split('/').slice(1);
    if (version !== 'v4' || rest.length > 0) return answers.notFound;
    if (resource === 'messages' && name === undefined) {
      return request.method === 'POST' ? this.answerMessage(request) : answers.notFound;
    }
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

  private answerMessage(request: SandboxRequest): SandboxAnswer {
    const json = jsonBody(request);
    const faults = mailFaults(json);
    if (Object.keys(faults).length > 0) return answers.invalid(faults);
    const mail = json as MailJson;
    if (!isChannel(mail.channel)) return answers.invalid({ channel: 'invalid' });
    if (mail.channel === SANDBOX_CHANNELS.canceled) return answers.invalid({ channel: 'canceled' });
    const from = mail.originator.from.address;
    if (!this.mayUse(from)) return answers.invalid({ originator: { from: 'the domain is not verified' } });
    const messageId = randomUUID();
    this.accept({
      messageId,
      from,
      recipients: recipientsOf(mail),
      subject: mail.subject ?? '',
      json: mail,
      headers: request.headers,
    });
    const sentence = { message: `accepted, msg_id: ${messageId}` };
    return answers.success(this.options.acceptance === 'id' ? { msg_id: messageId } : sentence);
  }

  /** For each step, all items of one callback are one request. */
  protected postsOf(mail: AcceptedMail, step: MailStep, now: Date): readonly WebhookPost[] {
    const reported = itemsOf(mail, step, now);
    return [...new Set(reported.map(({ event }) => event))].flatMap((event) => {
      const callback = this.callback(mail.json.channel, event);
      if (callback?.medium !== 'http') return [];
      const items = reported.filter((one) => one.event === event).map(({ item }) => item);
      return [{ url: callback.url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(items) }];
    });
  }

  private callback(channel: string, event: string): Callback | undefined {
    return this.webhooks.find(({ id }) => id === idOf(channel, event));
  }

  /**
   * Without an event a call applies to all callbacks of the account. https://github.com/smtpcom/smtpcom-go,
   * `api/openapi.yaml`
   */
  private answerCallbacks(request: SandboxRequest, event: string): SandboxAnswer {
    const { method } = request;
    const inQuery = Object.fromEntries(request.query);
    if (event === 'log') return method === 'GET' ? this.answerLog(inQuery) : answers.notFound;
    if (event === '') return this.answerAll(method);
    if (!isVendorEvent(event)) return answers.invalid({ event: 'invalid' });
    const inBody = this.options.callbackParameters === 'query' ? {} : (jsonBody(request) as object | undefined);
    const parameters: Readonly<Record<string, unknown>> = { ...inQuery, ...inBody };
    const { channel } = parameters;
    if (channel === undefined) return answers.invalid({ channel: 'could not be blank' });
    if (!isChannel(channel)) return answers.invalid({ channel: 'invalid' });
    const found = this.callback(channel, event);
    if (method === 'POST') {
      if (found !== undefined) return answers.invalid({ event: 'already exists' });
      return this.put(channel, event, parameters, { callback: 'created' });
    }
    if (found === undefined) return answers.invalid({ event: 'not found' });
    if (method === 'GET') return answers.success({ ...jsonOf(found), aws_data: null });
    if (method === 'PATCH') return this.put(channel, event, { ...jsonOf(found), ...parameters });
    if (method !== 'DELETE') return answers.notFound;
    this.removeWebhook(found.id);
    return answers.success();
  }

  private answerAll(method: string): SandboxAnswer {
    if (method === 'GET') return answers.success({ items: this.webhooks.map(jsonOf) });
    if (method !== 'DELETE') return answers.notFound;
    this.webhooks.splice(0);
    return answers.success({ callbacks: 'deleted' });
  }

  private put(
    channel: string,
    event: VendorEvent,
    { medium, address }: Readonly<Record<string, unknown>>,
    data: object = {},
  ): SandboxAnswer {
    if (medium !== 'http' && medium !== 'sqs') return answers.invalid({ medium: 'invalid' });
    if (typeof address !== 'string' || (medium === 'http' && !/^https?:\/\//.test(address))) {
      return answers.invalid({ address: 'invalid' });
    }
    this.putWebhook({ id: idOf(channel, event), channel, event, medium, url: address });
    return answers.success(data);
  }

  private answerLog({ channel, limit = String(LOG_LIMIT) }: Readonly<Record<string, string>>): SandboxAnswer {
    if (!isChannel(channel)) return answers.invalid({ channel: 'invalid' });
    const own = this.webhooks.filter((callback) => callback.channel === channel);
    return answers.success({ items: this.feed.log(new Set(own.map(({ url }) => url)), Number(limit)) });
  }
}

export const startSandbox: StartSandbox = (options) => SmtpcomSandbox.start(options);

function idOf(channel: string, event: string): string {
  return `${channel}/${event}`;
}

function jsonOf({ channel, event, medium, url }: Callback): object {
  return { channel, event, medium, address: url };
}
