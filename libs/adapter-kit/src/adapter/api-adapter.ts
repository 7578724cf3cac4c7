import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { canonicalAddress } from '../addresses/email-address.ts';
import type { EventKind } from '../events/email-event.ts';
import { type ApiDiagnosis, diagnoseApi } from '../diagnosis/diagnose-api.ts';
import type { Diagnosis, Probe } from '../diagnosis/diagnosis.ts';
import { AdapterError } from '../errors/adapter-error.ts';
import type { VendorApi } from '../http/vendor-api.ts';
import { recipientsOf } from '../messages/check-members.ts';
import { checkMessage, type MessageRules } from '../messages/check-message.ts';
import type { BatchResult, EmailMessage, RejectedRecipient, SendResult } from '../messages/email-message.ts';
import type { WebhookAuthentication, WebhookReceiver } from '../webhooks/webhook-receiver.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';
import type { AdapterCapabilities, EmailAdapter } from './email-adapter.ts';

/** How a vendor accepts several messages in one call. */
export interface BatchParts<S extends object, Api extends VendorApi<S>> {
  /** The maximum number of messages. */
  readonly messages: number;
  /** The maximum number of bytes of all messages together, as measured by `size`. */
  readonly bytes: number;
  readonly size: (message: EmailMessage) => number;
  /** The maximum number of recipients of all messages together, each of them once: if the messages of a call have one id. */
  readonly recipients?: number;
  /**
   * Whether the vendor accepts or rejects a call as a whole. A call that it rejects as invalid is divided, until the message at
   * fault is alone.
   */
  readonly isAtomic?: boolean;
  /** See `EmailAdapter.batchKey`. */
  readonly key?: (message: EmailMessage) => string;
  /**
   * Makes one call with messages that the rules accepted.
   * @throws AdapterError if the call failed as a whole
   */
  readonly send: (
    api: Api,
    settings: S,
    messages: readonly EmailMessage[],
    options: CallOptions,
  ) => Promise<readonly BatchResult[]>;
}

/** The parts of an adapter for a vendor with an HTTP API. */
export interface ApiAdapterParts<S extends object, Api extends VendorApi<S>, Account = unknown> {
  readonly settings: Type<S>;
  readonly rules: MessageRules<S>;
  /** Sends a message that the rules accepted. Omitted if `batch` does so: it then gets a single message. */
  readonly send?: (api: Api, settings: S, message: EmailMessage, options: CallOptions) => Promise<SendResult>;
  /** Omitted if one call sends one message. */
  readonly batch?: BatchParts<S, Api>;
  readonly diagnosis: ApiDiagnosis<S, Api, Account>;
  readonly webhooks: WebhookReceiver<S>;
  /** The kinds that the webhooks report; `unknown` is left out. */
  readonly events: Iterable<EventKind>;
}

/**
 * The adapter of a vendor with an HTTP API: it puts the vendor's parts together, and has no code of its own. A message
 * is checked before it is sent, and the capabilities follow from the rules.
 *
 * @example
 * @Adapter({ vendor: 'acme', displayName: 'Acme' })
 * export class AcmeAdapter extends ApiAdapter<AcmeSettings, AcmeApi> {
 *   constructor(http: HttpClient, endpoints: VendorEndpoints) {
 *     const api = new AcmeApi(http, endpoints);
 *     super(api, {
 *       settings: AcmeSettings,
 *       rules: RULES,
 *       send: sendMessage,
 *       diagnosis: DIAGNOSIS,
 *       webhooks: acmeWebhooks(acmeRegistration(api)),
 *       events: EVENTS.kinds.values(),
 *     });
 *   }
 * }
 */
export abstract class ApiAdapter<
  S extends object,
  Api extends VendorApi<S>,
  Account = unknown,
> implements EmailAdapter<S> {
  readonly settings: Type<S>;
  readonly capabilities: AdapterCapabilities;
  readonly webhooks: WebhookReceiver<S>;
  readonly sendBatch?: NonNullable<EmailAdapter<S>['sendBatch']>;
  readonly batchKey?: NonNullable<EmailAdapter<S>['batchKey']>;

  protected constructor(
    protected readonly api: Api,
    private readonly parts: ApiAdapterParts<S, Api, Account>,
  ) {
    this.settings = parts.settings;
    this.webhooks = parts.webhooks;
    const { batch } = parts;
    const capabilities = capabilitiesOf(parts.rules, parts.webhooks.authentication, parts.events);
    this.capabilities = batch === undefined ? capabilities : { ...capabilities, maxBatch: batch.messages };
    if (batch === undefined) return;
    this.sendBatch = (messages, settings, options = {}) => this.sendTogether(batch, messages, settings, options);
    if (batch.key !== undefined) this.batchKey = batch.key;
  }

  diagnose(settings: S, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    const { api, parts } = this;
    return diagnoseApi(parts.diagnosis, { api, settings, probe }, options, (message, signal) =>
      this.send(message, settings, { ...options, signal }),
    );
  }

  async send(message: EmailMessage, settings: S, options: CallOptions = {}): Promise<SendResult> {
    const { rules, send, batch } = this.parts;
    checkMessage(message, rules, settings);
    if (send !== undefined) return send(this.api, settings, message, options);
    const [sent] = (await batch?.send(this.api, settings, [message], options)) ?? [];
    if (sent !== undefined && 'result' in sent) return sent.result;
    throw sent === undefined ? new TypeError('The adapter has no way to send.') : new AdapterError(sent.error);
  }

  private async sendTogether(
    batch: BatchParts<S, Api>,
    messages: readonly EmailMessage[],
    settings: S,
    options: CallOptions,
  ): Promise<readonly BatchResult[]> {
    const results: BatchResult[] = [];
    const valid: number[] = [];
    for (const [index, message] of messages.entries()) {
      try {
        checkMessage(message, this.parts.rules, settings);
        valid.push(index);
      } catch (error) {
        results[index] = failed(error);
      }
    }
    const calls = { left: MAX_CALLS };
    const send = (portion: readonly EmailMessage[]): Promise<readonly BatchResult[]> =>
      batch.send(this.api, settings, portion, options);
    for (const indexes of portions(valid, messages, batch)) {
      const portion = indexes.map((index) => messages[index] as EmailMessage);
      const sent = await sendDividing(portion, send, batch.isAtomic === true ? calls : undefined);
      for (const [position, index] of indexes.entries()) results[index] = sent[position] as BatchResult;
    }
    return results;
  }
}

/**
 * The results of messages that were sent together, under one id.
 * @param rejected recipients that the vendor did not accept, or may not have; of several messages, one without any other recipient has
 *   the error of the first. The call accepted at least one recipient, so a single message was sent.
 */
export function sentResults(
  messages: readonly EmailMessage[],
  messageId: string,
  rejected: readonly RejectedRecipient[] = [],
): readonly BatchResult[] {
  return messages.map((message) => {
    const all = recipientsOf(message);
    const own = rejected.filter(({ recipient }) => all.includes(recipient));
    const accepted = all.filter((recipient) => !own.some((one) => one.recipient === recipient));
    const [first] = own;
    if (messages.length > 1 && accepted.length === 0 && first !== undefined)
      return { error: { ...first.error, pointer: '/to' } };
    return { result: { messageId, accepted, rejected: own } };
  });
}

/**
 * An id for a message that is being sent although the vendor returned none: an error would lead to a second attempt. No event will
 * match it.
 */
export function untrackedId(): string {
  return `untracked-${randomUUID()}`;
}

/** What finding the messages at fault may cost. */
const MAX_CALLS = 50;
/** The vendor has sent nothing, because of what the request contains. */
const INVALID: ReadonlySet<number> = new Set([400, 413, 422]);

/** A failure is that of these messages alone: earlier calls may have sent theirs. */
async function sendDividing(
  messages: readonly EmailMessage[],
  send: (messages: readonly EmailMessage[]) => Promise<readonly BatchResult[]>,
  calls: { left: number } | undefined,
): Promise<readonly BatchResult[]> {
  try {
    return await send(messages);
  } catch (error) {
    const result = failed(error);
    if (calls === undefined || calls.left <= 0 || messages.length === 1 || !isInvalid(result)) {
      return messages.map(() => result);
    }
    calls.left -= 2;
    const half = Math.ceil(messages.length / 2);
    const first = await sendDividing(messages.slice(0, half), send, calls);
    return [...first, ...(await sendDividing(messages.slice(half), send, calls))];
  }
}

function isInvalid(result: BatchResult): boolean {
  if (!('error' in result)) return false;
  const { status, code, stage, fault, retryable } = result.error;
  if (status === undefined) return code === 'message_too_large';
  // Sender and settings are the same for all messages.
  return INVALID.has(status) && !retryable && stage !== 'sender' && fault !== 'configuration';
}

/** @throws the error itself if it is not an AdapterError */
function failed(error: unknown): BatchResult {
  if (error instanceof AdapterError) return { error: error.details };
  throw error;
}

/** Divides messages into calls, by their indexes. A single message fits in any case. */
function portions<S extends object, Api extends VendorApi<S>>(
  indexes: readonly number[],
  messages: readonly EmailMessage[],
  { bytes: mostBytes, size, recipients: mostRecipients }: BatchParts<S, Api>,
): readonly number[][] {
  const found: number[][] = [];
  let bytes = Infinity;
  let recipients = new Set<string>();
  for (const index of indexes) {
    const message = messages[index] as EmailMessage;
    const [own, more] = [recipientsOf(message).map(canonicalAddress), size(message)];
    const isFull =
      mostRecipients !== undefined &&
      (recipients.size + own.length > mostRecipients || own.some((recipient) => recipients.has(recipient)));
    if (isFull || bytes + more > mostBytes) {
      found.push([]);
      bytes = 0;
      recipients = new Set();
    }
    bytes += more;
    for (const recipient of own) recipients.add(recipient);
    found.at(-1)?.push(index);
  }
  return found;
}

/**
 * Returns the capabilities of an adapter whose messages are checked by these rules.
 * @param authentication how webhook requests are authenticated, or `none` without webhooks
 * @param events the kinds that the vendor's events are mapped to; `unknown` is left out
 */
export function capabilitiesOf(
  rules: MessageRules<never>,
  authentication: WebhookAuthentication | 'none',
  events: Iterable<EventKind> = [],
): AdapterCapabilities {
  return {
    webhooks: authentication,
    events: [...new Set(events)].filter((kind) => kind !== 'unknown'),
    maxRecipients: rules.recipients,
    maxMessageBytes: rules.bytes,
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: rules.tags !== undefined,
    metadata: rules.metadata !== undefined,
    scheduling: rules.schedule !== undefined,
  };
}
