import { randomUUID } from 'node:crypto';
import {
  jsonAnswer,
  jsonBody,
  type MailStep,
  type SandboxAnswer,
  type SandboxRequest,
  type SandboxWebhook,
  type StartSandbox,
  type VendorSandboxOptions,
  VendorSandboxServer,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { answers, apiError } from './answers.ts';
import { type AcceptedMail, eventJson, postedEvents, sampleEvent } from './mail-events.ts';
import { readMail } from './mail-rules.ts';

type Json = Readonly<Record<string, unknown>>;

interface Webhook extends SandboxWebhook {
  readonly json: Json & { readonly MessageStream: string };
}

export interface PostmarkSandboxOptions extends VendorSandboxOptions {
  /** Addresses to which Postmark no longer sends. */
  readonly inactive?: readonly string[];
  /** The older API neither verifies webhooks nor reports a status of them. */
  readonly isOlder?: boolean;
}

const TRIGGERS = ['Delivery', 'Bounce', 'SpamComplaint', 'Open', 'Click', 'SubscriptionChange'];
const MAX_WEBHOOKS = 10;
const ACCOUNT_TOKEN = token('acc');
const STREAMS: Readonly<Record<string, Json>> = {
  outbound: { MessageStreamType: 'Transactional', ArchivedAt: null },
  broadcast: { MessageStreamType: 'Broadcasts', ArchivedAt: null },
  inbound: { MessageStreamType: 'Inbound', ArchivedAt: null },
  old: { MessageStreamType: 'Transactional', ArchivedAt: '2024-02-01T09:00:00-05:00' },
};

/**
 * Postmark's API, as far as its documentation and clients describe it, in its newer form, which verifies webhooks.
 * https://postmarkapp.com/developer
 */
export class PostmarkSandbox extends VendorSandboxServer<AcceptedMail, Webhook, PostmarkSandboxOptions> {
  readonly vendor = 'postmark';
  readonly settings = { serverToken: token('a'), messageStream: 'outbound', accountToken: ACCOUNT_TOKEN };
  readonly failures = {
    authentication_failed: { serverToken: token('9') },
    permission_denied: { serverToken: token('b') },
    quota_exceeded: { serverToken: token('c') },
    rate_limited: { serverToken: token('d') },
    temporarily_unavailable: { serverToken: token('e') },
    timeout: { serverToken: token('f') },
    invalid_request: { messageStream: 'nope' },
  };
  protected readonly keys = {
    [token('a')]: 'works',
    [token('1')]: 'works',
    [token('b')]: sending(answers.pending),
    [token('c')]: sending(answers.noCredits),
    [token('d')]: answers.rateLimited,
    [token('e')]: answers.serverError,
    [token('f')]: 'hang',
    [ACCOUNT_TOKEN]: 'works',
  } as const;
  protected readonly unknownKey = (request: SandboxRequest): SandboxAnswer =>
    isOfAccount(request) ? answers.wrongAccountToken : answers.wrongToken;

  addForeignWebhook(url: string): void {
    this.store(url, { MessageStream: 'outbound', Triggers: { Bounce: { Enabled: true, IncludeContent: true } } });
  }

  protected keyOf(request: SandboxRequest): string | undefined {
    const isAccount = isOfAccount(request);
    const given = request.headers[isAccount ? 'x-postmark-account-token' : 'x-postmark-server-token'];
    // Each token works for its own calls alone.
    return typeof given === 'string' && (given === ACCOUNT_TOKEN) === isAccount ? given : undefined;
  }

  protected respond(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    const { method, path, headers, query } = request;
    const isJson = (name: 'accept' | 'content-type'): boolean => /^application\/json\b/.test(headers[name] ?? '');
    if (!isJson('accept') || (['POST', 'PUT'].includes(method) && request.body.length > 0 && !isJson('content-type'))) {
      return answers.wrongType;
    }
    const [, call = '', id = '', action = ''] = path.split('/');
    if (`${method} ${path}` === 'GET /server')
      return jsonAnswer(200, this.describeServer(String(headers['x-postmark-server-token'])));
    if (`${method} ${path}` === 'POST /email') return this.send(jsonBody(request));
    if (`${method} ${path}` === 'POST /email/batch') return batchAnswer(request, (json) => this.send(json));
    if (method === 'GET' && call === 'message-streams') {
      const stream = STREAMS[decodeURIComponent(id)];
      return stream === undefined ? apiError(1226, 'Stream not found.') : jsonAnswer(200, { ID: id, ...stream });
    }
    if (method === 'GET' && (call === 'domains' || call === 'senders')) return this.page(call, query);
    return call === 'webhooks' ? this.answerWebhooks(method, id, action, request) : answers.notFound;
  }

  protected postsOf(mail: AcceptedMail, step: MailStep, now: Date): readonly WebhookPost[] {
    const events = step.flatMap((recipientEvent) => postedEvents(mail, recipientEvent, now));
    return events.flatMap(({ trigger, item }) =>
      this.webhooks
        .filter(({ json }) => json.MessageStream === item['MessageStream'] && isOn(json, trigger))
        .map((webhook) => postTo(webhook, eventJson(item))),
    );
  }

  private send(json: unknown): SandboxAnswer {
    const read = readMail(json);
    if ('refusal' in read) return read.refusal;
    const { mail, from, to } = read;
    const stream = STREAMS[mail.MessageStream ?? 'outbound'];
    if (stream === undefined) return apiError(1235, 'The stream does not exist on this server.');
    if (stream['MessageStreamType'] === 'Inbound') return apiError(1236, 'The stream cannot send.');
    if (stream['ArchivedAt'] !== null) return apiError(1350, 'The stream is archived.');
    if (!this.mayUse(from)) return apiError(400, `The 'From' address ${from} is no Sender Signature of this account.`);
    const inactive = to.filter((address) => this.options.inactive?.includes(address.toLowerCase()) === true);
    const list = inactive.map((address) => address.toLowerCase()).join(', ');
    if (inactive.length === to.length) {
      return apiError(406, `Found inactive addresses: ${list}. Inactive recipients have hard bounced or complained.`);
    }
    const active = to.filter((address) => !inactive.includes(address));
    const messageId = randomUUID();
    this.accept({ messageId, from, recipients: to, subject: mail.Subject ?? '', json: mail }, active);
    const words =
      list === ''
        ? 'OK'
        : `Message OK, but will not deliver to these inactive addresses: ${list}. Inactive recipients …`;
    return jsonAnswer(200, {
      To: mail.To,
      SubmittedAt: new Date().toISOString(),
      MessageID: messageId,
      ErrorCode: 0,
      Message: words,
    });
  }

  private async answerWebhooks(
    method: string,
    id: string,
    action: string,
    request: SandboxRequest,
  ): Promise<SandboxAnswer> {
    const found = this.webhooks.find((webhook) => webhook.id === id);
    if (id !== '' && found === undefined) return apiError(1352, 'Webhook not found.');
    if (method === 'GET') {
      const stream = request.query.get('MessageStream');
      const listed = this.webhooks.filter(({ json }) => stream === null || json.MessageStream === stream);
      return jsonAnswer(200, found === undefined ? { Webhooks: listed.map(({ json }) => json) } : found.json);
    }
    if (method === 'DELETE' && found !== undefined) {
      this.removeWebhook(id);
      return jsonAnswer(200, { ErrorCode: 0, Message: `Webhook ${id} removed.` });
    }
    if (method === 'POST' && action === 'verify' && found !== undefined && this.options.isOlder !== true) {
      const results = await this.verify(found);
      return jsonAnswer(200, { Id: Number(id), ...results });
    }
    const isWrite = (method === 'POST' && id === '') || (method === 'PUT' && found !== undefined && action === '');
    return isWrite ? this.write(found, (jsonBody(request) ?? {}) as Json) : answers.notFound;
  }

  private async write(found: Webhook | undefined, changes: Json): Promise<SandboxAnswer> {
    const { MessageStream: stream = found?.json.MessageStream ?? 'outbound', Url: url = found?.url } = changes;
    if (found !== undefined && stream !== found.json.MessageStream) return apiError(1357, 'The stream cannot change.');
    const known = STREAMS[String(stream)];
    if (known === undefined) return apiError(1226, 'Stream not found.');
    if (known['ArchivedAt'] !== null) return apiError(1350, 'The stream is archived.');
    if (known['MessageStreamType'] === 'Inbound') return apiError(1351, 'An inbound stream has other webhooks.');
    if (typeof url !== 'string' || !URL.canParse(url)) return apiError(1354, 'Url missing or invalid.');
    if (found === undefined && this.webhooks.length >= MAX_WEBHOOKS) return apiError(1359, 'Too many webhooks.');
    const json = { ...found?.json, ...changes, MessageStream: String(stream) };
    const id = found?.id ?? String(930_412 + this.webhooks.length);
    const webhook: Webhook = { id, url, json: { ...json, ID: Number(id), Url: url } };
    if (this.options.isOlder !== true) {
      const results = await this.verify(webhook);
      if (!results.Success) return jsonAnswer(422, { Id: Number(id), ...results }, { 'x-pm-apierrorcode': '1364' });
    }
    return jsonAnswer(200, this.store(url, json, id).json);
  }

  /** Posts an event for each trigger that is turned on, one after another; each must be answered with 200. */
  private async verify(webhook: Webhook) {
    const results: { TriggerType: string; Success: boolean; StatusCode: number; Message: string }[] = [];
    for (const trigger of TRIGGERS.filter((name) => isOn(webhook.json, name))) {
      const body = JSON.stringify(sampleEvent(trigger, webhook.json.MessageStream));
      const status = await this.feed.post(postTo(webhook, body)).then(
        (outcome) => outcome.status,
        () => 0,
      );
      results.push({ TriggerType: trigger, Success: status === 200, StatusCode: status, Message: '' });
    }
    const passed = results.filter(({ Success }) => Success).length;
    return {
      Url: webhook.url,
      Success: passed === results.length,
      Results: results,
      Message: `${String(passed)} of ${String(results.length)} triggers verified`,
    };
  }

  private store(url: string, json: Webhook['json'], id: string = String(930_412 + this.webhooks.length)): Webhook {
    const status = this.options.isOlder === true ? {} : { Status: 'verified' };
    const webhook = { id, url, json: { HttpHeaders: [], ...json, ...status, ID: Number(id), Url: url } };
    this.putWebhook(webhook);
    return webhook;
  }

  private describeServer(serverToken: string): Json {
    const DeliveryType = serverToken === token('1') ? 'Sandbox' : 'Live';
    return { ID: 77_001, Name: 'Acme production', ApiTokens: [serverToken], InboundHash: '0a1b2c3d', DeliveryType };
  }

  /** Every sender of the options is verified; without the option, everybody that a test may use. */
  private page(call: 'domains' | 'senders', query: URLSearchParams): SandboxAnswer {
    const count = Number(query.get('count'));
    const offset = Number(query.get('offset') ?? Number.NaN);
    if (!(count >= 1 && count <= 500) || !(offset >= 0)) return apiError(600, 'count and offset are required.');
    const verified = this.options.verifiedSenders ?? ['@sender.example'];
    const domains = verified.filter((sender) => sender.startsWith('@')).map((sender) => sender.slice(1));
    const entries =
      call === 'domains'
        ? [...domains.map((Name) => ({ Name, DKIMVerified: true })), { Name: 'new.example', DKIMVerified: false }]
        : verified
            .filter((sender) => !sender.startsWith('@'))
            .map((EmailAddress) => ({ EmailAddress, Confirmed: true }));
    const member = call === 'domains' ? 'Domains' : 'SenderSignatures';
    return jsonAnswer(200, { TotalCount: entries.length, [member]: entries.slice(offset, offset + count) });
  }
}

/** Starts Postmark's sandbox. */
export const startSandbox: StartSandbox = (options?: PostmarkSandboxOptions) => new PostmarkSandbox(options).start();

function isOfAccount({ path }: SandboxRequest): boolean {
  return path === '/domains' || path === '/senders';
}

function token(digit: string): string {
  return `${digit.padEnd(8, digit).slice(0, 8)}-0000-4000-8000-5a3b9e7d1c44`;
}

function sending(answer: SandboxAnswer): (request: SandboxRequest) => SandboxAnswer | undefined {
  return (request) => {
    if (request.path === '/email') return answer;
    return request.path === '/email/batch' ? batchAnswer(request, () => answer) : undefined;
  };
}

const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 50_000_000;

/** Answers each message of a batch by itself, under one status of 200. */
function batchAnswer(request: SandboxRequest, answer: (json: unknown) => SandboxAnswer): SandboxAnswer {
  if (request.body.length > MAX_BATCH_BYTES) return answers.tooLarge;
  const batch = jsonBody(request);
  if (!Array.isArray(batch)) return apiError(403, 'The body must be a list of messages.');
  if (batch.length > MAX_BATCH) return apiError(410, `A batch has at most ${String(MAX_BATCH)} messages.`);
  const items = batch.map((json): unknown => {
    const one = answer(json);
    // A message that is too large has no body of its own to answer with.
    return typeof one === 'object' && one.body !== undefined && one.body !== ''
      ? JSON.parse(one.body)
      : { ErrorCode: 300, Message: 'The message is too large.' };
  });
  return jsonAnswer(200, items);
}

function isOn({ Triggers: triggers }: Json, trigger: string): boolean {
  const { [trigger]: one } = (triggers ?? {}) as Readonly<Record<string, { readonly Enabled?: unknown }>>;
  return one?.Enabled === true;
}

function postTo({ url, json }: Webhook, body: string): WebhookPost {
  const { Username = '', Password = '' } = (json['HttpAuth'] ?? {}) as Readonly<Record<string, string>>;
  const credentials = Buffer.from(`${Username}:${Password}`).toString('base64');
  const headers = { 'content-type': 'application/json', 'x-pm-retries-remaining': '6' };
  return { url, body, headers: Password === '' ? headers : { ...headers, authorization: `Basic ${credentials}` } };
}
