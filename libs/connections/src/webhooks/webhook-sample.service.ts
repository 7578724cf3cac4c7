import {
  type EventKind,
  type SampleEvent,
  sampleEvents,
  type WebhookReceiver,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { CONNECTION_ID_METADATA, storedId } from '../events/event-record.ts';
import { EventsRepository } from '../events/events.repository.ts';
import { ExpectedSamples } from './expected-samples.ts';
import { WebhookIngest } from './webhook-ingest.ts';
import { SampleUnsupportedError, WebhookRejectedError, WebhookUnauthenticatedError } from './webhook.errors.ts';

/** What a sample cannot show. */
export interface SampleGap {
  readonly code: 'network' | 'vendor_signature' | 'route';
  readonly description: string;
}

export interface WebhookSampleResult {
  /** `accepted`: all requests were stored. `failed`: the service could not process one, see `code`. */
  readonly verdict: 'accepted' | 'unauthenticated' | 'rejected' | 'failed';
  /** The error code of the first request that was not accepted; null if all were. */
  readonly code: string | null;
  /** What happened and what to do, in a sentence or two; null if all requests were accepted. */
  readonly reason: string | null;
  /** The events that are stored, in the order of their times. */
  readonly events: readonly { readonly id: string; readonly kind: EventKind }[];
  readonly notExercised: readonly SampleGap[];
}

/** The response of a webhook route to one request; `code` is null if the request was accepted. */
export interface SampleResponse {
  readonly code: string | null;
  readonly detail: string | null;
}

/**
 * Posts a request to the application's own webhook route, in this process. The headers must arrive unchanged: one of them
 * marks the request as a sample.
 */
export type SamplePost = (
  webhook: { readonly vendor: string; readonly connectionId: string },
  request: WebhookRequest,
) => Promise<SampleResponse>;

interface Sample {
  readonly connection: ConnectionRow;
  readonly displayName: string;
  readonly receiver: WebhookReceiver & Required<Pick<WebhookReceiver, 'sample'>>;
}

const NETWORK: SampleGap = {
  code: 'network',
  description: 'The way from the vendor to this service: DNS, TLS, firewalls and proxies.',
};
const ROUTE: SampleGap = { code: 'route', description: 'The webhook route of the application.' };
const ACCEPTED: SampleResponse = { code: null, detail: null };

/**
 * Sends a sample of a vendor's events through the connection's own webhook: authentication, parsing and storing are those of
 * every request. Its events have the attribution `test` and are not counted, and it changes no status of the webhook.
 */
@Injectable()
export class WebhookSampleService {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly ingest: WebhookIngest,
    private readonly expected: ExpectedSamples,
    private readonly events: EventsRepository,
  ) {}

  /**
   * @param post reaches the application's route. Without it, the requests go to `WebhookIngest` directly.
   * @throws ConnectionNotFoundError, SampleUnsupportedError, SecretsUnreadableError
   */
  async send(caller: Caller, connectionId: string, post?: SamplePost): Promise<WebhookSampleResult> {
    const sample = await this.prepare(caller, connectionId);
    const { connection, receiver, displayName } = sample;
    const { id, vendor } = connection;
    await this.unitOfWork.write((tx) => this.audit.record(tx, caller, 'webhook.sample', id));
    const [settings = {}] = await this.loader.webhookSettings(connection);
    const events = sampleEvents(new Date(), { [CONNECTION_ID_METADATA]: id });
    const { requests, settings: keys } = receiver.sample({ settings, events });
    const gaps = [NETWORK, ...(keys === undefined ? [] : [signatureGap(displayName)]), ...(post ? [] : [ROUTE])];

    const [first] = requests;
    const isConfigured = first !== undefined && receiver.authenticateHead(first, settings) !== 'not_configured';
    // The new key of a sample must not hide that the connection has none.
    if (!isConfigured) return resultOf(responseOf(new WebhookUnauthenticatedError('not_configured')), [], gaps);

    const own = keys === undefined ? undefined : withKeys(settings, keys);
    const response = await this.expected.during({ connectionId: id, settings: own }, async (marks) => {
      for (const request of requests) {
        const marked = { ...request, headers: { ...request.headers, ...marks } };
        const answer = await (post ?? this.direct)({ vendor, connectionId: id }, marked);
        if (answer.code !== null) return answer;
      }
      return ACCEPTED;
    });
    return resultOf(response, await this.storedOf(connection, events), gaps);
  }

  /** @throws ConnectionNotFoundError, SampleUnsupportedError */
  private async prepare({ organization }: Caller, connectionId: string): Promise<Sample> {
    const connection = await this.loader.row(organization, connectionId);
    const registered = this.registry.find(connection.vendor);
    const receiver = registered?.adapter.webhooks;
    if (registered === undefined || receiver?.sample === undefined) throw new SampleUnsupportedError();
    const { displayName } = registered.identity;
    return { connection, displayName, receiver: receiver as Sample['receiver'] };
  }

  private readonly direct: SamplePost = async ({ vendor, connectionId }, request) => {
    try {
      const webhook = await this.ingest.preflight(vendor, connectionId, request, request.body.length);
      await this.ingest.receive(webhook, request);
      return ACCEPTED;
    } catch (error) {
      if (error instanceof ConnectionsError) return responseOf(error as ConnectionsError);
      throw error;
    }
  };

  private async storedOf(
    { number }: ConnectionRow,
    events: readonly SampleEvent[],
  ): Promise<WebhookSampleResult['events']> {
    const [first] = events;
    if (first === undefined) return [];
    const messageId = storedId(first.messageId);
    const rows = await this.unitOfWork.read((tx) =>
      this.events.ofMessage(tx, { connection: number, messageId, limit: events.length }),
    );
    return rows.map(({ id, kind }) => ({ id: String(id), kind }));
  }
}

function signatureGap(vendor: string): SampleGap {
  return {
    code: 'vendor_signature',
    description: `The stored signing key: only ${vendor} has the private key that belongs to it, so this sample was signed with a new key.`,
  };
}

/** The settings with other webhook secrets, as an instance of the same class. */
function withKeys(settings: object, keys: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(settings) as object) as object, settings, keys);
}

function responseOf({ code, detail }: ConnectionsError): SampleResponse {
  return { code, detail };
}

const REJECTED = new WebhookRejectedError().code;
const UNAUTHENTICATED: ReadonlySet<string> = new Set(
  (['missing', 'invalid', 'malformed', 'not_configured'] as const).map(
    (one) => new WebhookUnauthenticatedError(one).code,
  ),
);

function resultOf(
  { code, detail }: SampleResponse,
  events: WebhookSampleResult['events'],
  notExercised: readonly SampleGap[],
): WebhookSampleResult {
  const verdict =
    code === null
      ? 'accepted'
      : code === REJECTED
        ? 'rejected'
        : UNAUTHENTICATED.has(code)
          ? 'unauthenticated'
          : 'failed';
  return { verdict, code, reason: detail, events, notExercised };
}
