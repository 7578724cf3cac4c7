import type { Type } from '@nestjs/common';
import type { EventKind } from '../events/email-event.ts';
import { type ApiDiagnosis, diagnoseApi } from '../diagnosis/diagnose-api.ts';
import type { Diagnosis, Probe } from '../diagnosis/diagnosis.ts';
import type { VendorApi } from '../http/vendor-api.ts';
import { checkMessage, type MessageRules } from '../messages/check-message.ts';
import type { EmailMessage, SendResult } from '../messages/email-message.ts';
import type { WebhookAuthentication, WebhookReceiver } from '../webhooks/webhook-receiver.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';
import type { AdapterCapabilities, EmailAdapter } from './email-adapter.ts';

/** The parts of an adapter for a vendor with an HTTP API. */
export interface ApiAdapterParts<S extends object, Api extends VendorApi<S>, Account = unknown> {
  readonly settings: Type<S>;
  readonly rules: MessageRules<S>;
  /** Sends a message that the rules accepted. */
  readonly send: (api: Api, settings: S, message: EmailMessage, options: CallOptions) => Promise<SendResult>;
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

  protected constructor(
    protected readonly api: Api,
    private readonly parts: ApiAdapterParts<S, Api, Account>,
  ) {
    this.settings = parts.settings;
    this.webhooks = parts.webhooks;
    this.capabilities = capabilitiesOf(parts.rules, parts.webhooks.authentication, parts.events);
  }

  diagnose(settings: S, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    const { api, parts } = this;
    return diagnoseApi(parts.diagnosis, { api, settings, probe }, options, (message, signal) =>
      this.send(message, settings, { ...options, signal }),
    );
  }

  async send(message: EmailMessage, settings: S, options: CallOptions = {}): Promise<SendResult> {
    const { rules, send } = this.parts;
    checkMessage(message, rules, settings);
    return send(this.api, settings, message, options);
  }
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
