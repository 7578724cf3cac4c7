import { OutboundPolicy } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type AuditAction, AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { VersionMismatchError } from '../connections/connections.service.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { Clock } from '../options/clock.ts';
import { EndpointConsumers } from './endpoint-consumers.ts';
import {
  canonicalKinds,
  CreateWebhookEndpointInput,
  readEndpoint,
  UpdateWebhookEndpointInput,
} from './endpoint-input.ts';
import {
  decryptSecrets,
  encryptSecrets,
  type EndpointSecrets,
  EndpointSecretUnreadableError,
  newSecret,
  rotated,
  SECRET_OVERLAP_MS,
} from './endpoint-secrets.ts';
import { WebhookDispatcher } from './webhook-dispatcher.ts';
import {
  type NewWebhookEndpoint,
  toEndpoint,
  TooManyWebhookEndpointsError,
  type WebhookEndpoint,
  WebhookEndpointNotFoundError,
} from './webhook-endpoint.ts';
import { WebhookEndpointRow, WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';

/** How many endpoints an organization may have. */
export const MAX_WEBHOOK_ENDPOINTS = 20;

const RESOURCE = 'webhook endpoint';
const FIELDS = ['url', 'description', 'kinds', 'state'] as const;

/** The outgoing webhooks of an organization: docs/outgoing-webhooks.md. Every call is limited to the caller's organization. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly audit: AuditRepository,
    private readonly cipher: SecretCipher,
    private readonly policy: OutboundPolicy,
    private readonly consumers: EndpointConsumers,
    private readonly dispatcher: WebhookDispatcher,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an endpoint, which receives the events from now on.
   * @param input validated here, from any source
   * @returns the endpoint with its secret, which is never returned again
   * @throws InvalidInputError, TooManyWebhookEndpointsError
   */
  async create(caller: Caller, input: CreateWebhookEndpointInput): Promise<NewWebhookEndpoint> {
    const { url, description = null, kinds = null } = readEndpoint(CreateWebhookEndpointInput, input, this.policy);
    const { organization } = caller;
    const now = this.clock.now();
    const row = Object.assign(new WebhookEndpointRow(), {
      id: uuid(),
      organization,
      url,
      description,
      kinds: canonicalKinds(kinds),
      previousSecretUntil: null,
      state: 'enabled',
      stateReason: null,
      stateSince: now,
      failingSince: null,
      lastSuccessAt: null,
      version: 1,
      guard: 0,
      createdAt: now,
      updatedAt: now,
      dueAt: null,
      leasedBy: null,
      leasedUntil: null,
    } satisfies Partial<WebhookEndpointRow>);
    const secret = newSecret();
    Object.assign(row, await encryptSecrets(this.cipher, row, { current: secret, previous: [] }));
    await this.consumers.create(row, async (tx) => {
      if ((await this.endpoints.count(tx, organization)) >= MAX_WEBHOOK_ENDPOINTS) {
        throw new TooManyWebhookEndpointsError(MAX_WEBHOOK_ENDPOINTS);
      }
      await this.endpoints.insert(tx, row);
      const given = (['description', 'kinds'] as const).filter((name) => row[name] !== null);
      await this.audit.record(tx, caller, 'webhook_endpoint.create', row.id, ['url', ...given]);
    });
    return { ...toEndpoint(row, now), secret };
  }

  /** Oldest first. */
  async list({ organization }: Caller): Promise<WebhookEndpoint[]> {
    const now = this.clock.now();
    return (await this.unitOfWork.read((tx) => this.endpoints.list(tx, organization))).map((row) =>
      toEndpoint(row, now),
    );
  }

  /** @throws WebhookEndpointNotFoundError */
  async get({ organization }: Caller, id: string): Promise<WebhookEndpoint> {
    const row = await this.unitOfWork.read((tx) => this.endpoints.find(tx, organization, id));
    if (row === null) throw new WebhookEndpointNotFoundError();
    return toEndpoint(row, this.clock.now());
  }

  /**
   * Omitted fields keep their value; null clears a field. An endpoint that is enabled again continues where it stopped.
   * @param input validated here, from any source
   * @param expectedVersion the version that the caller saw; undefined to update any version
   * @throws WebhookEndpointNotFoundError, VersionMismatchError, InvalidInputError
   */
  async update(
    caller: Caller,
    id: string,
    input: UpdateWebhookEndpointInput,
    expectedVersion?: number,
  ): Promise<WebhookEndpoint> {
    const given = readEndpoint(UpdateWebhookEndpointInput, input, this.policy);
    const now = this.clock.now();
    const row = await this.unitOfWork.write(async (tx) => {
      const row = await this.lock(tx, caller, id, expectedVersion);
      const after = {
        url: given.url ?? row.url,
        description: given.description === undefined ? row.description : given.description,
        kinds: given.kinds === undefined ? row.kinds : canonicalKinds(given.kinds),
        state: given.state ?? row.state,
      };
      const changed = FIELDS.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(row[name]));
      if (changed.length === 0) return row;
      const state = changed.includes('state') ? stateChange(after.state, now) : {};
      await this.save(tx, row, { ...after, ...state }, now);
      await this.audit.record(tx, caller, 'webhook_endpoint.update', id, changed);
      return row;
    });
    await this.consumers.refresh(row);
    this.dispatcher.start(id);
    return toEndpoint(row, now);
  }

  /**
   * Deletes an endpoint with its secret. Messages that are waiting are not sent.
   * @throws WebhookEndpointNotFoundError, VersionMismatchError
   */
  async delete(caller: Caller, id: string, expectedVersion?: number): Promise<void> {
    await this.unitOfWork.write(async (tx) => {
      await this.lock(tx, caller, id, expectedVersion);
      await this.endpoints.delete(tx, id);
      await this.audit.record(tx, caller, 'webhook_endpoint.delete', id);
    });
    await this.consumers.delete(id);
  }

  /**
   * Replaces the secret. For 24 hours, messages have signatures of both.
   * @returns the endpoint with its new secret, which is never returned again
   * @throws WebhookEndpointNotFoundError, VersionMismatchError
   */
  async rotateSecret(caller: Caller, id: string, expectedVersion?: number): Promise<NewWebhookEndpoint> {
    const now = this.clock.now();
    const secret = newSecret();
    return this.unitOfWork.write(async (tx) => {
      const row = await this.lock(tx, caller, id, expectedVersion);
      const before = await this.secretsOf(row);
      const after = before === undefined ? { current: secret, previous: [] } : rotated(before, secret, now);
      const encrypted = await encryptSecrets(this.cipher, row, after);
      const previousSecretUntil = before === undefined ? null : new Date(now.getTime() + SECRET_OVERLAP_MS);
      await this.save(tx, row, { ...encrypted, previousSecretUntil }, now);
      const action: AuditAction = 'webhook_endpoint.rotate_secret';
      await this.audit.record(tx, caller, action, id);
      return { ...toEndpoint(row, now), secret };
    });
  }

  /** Undefined if no key decrypts them: a rotation replaces them. */
  private async secretsOf(row: WebhookEndpointRow): Promise<EndpointSecrets | undefined> {
    try {
      return await decryptSecrets(this.cipher, row);
    } catch (error) {
      if (error instanceof EndpointSecretUnreadableError) return undefined;
      throw error;
    }
  }

  private async lock(
    tx: Transaction,
    { organization }: Caller,
    id: string,
    expectedVersion: number | undefined,
  ): Promise<WebhookEndpointRow> {
    const row = await this.endpoints.lock(tx, id, organization);
    if (row === null) throw new WebhookEndpointNotFoundError();
    if (expectedVersion !== undefined && row.version !== expectedVersion) {
      throw new VersionMismatchError(row.version, RESOURCE);
    }
    return row;
  }

  /** Changes a locked row, in the database and in memory. */
  private async save(
    tx: Transaction,
    row: WebhookEndpointRow,
    changes: Partial<WebhookEndpointRow>,
    now: Date,
  ): Promise<void> {
    const all = { ...changes, version: row.version + 1, updatedAt: now };
    await this.endpoints.update(tx, row.id, all);
    Object.assign(row, all);
  }
}

/** An endpoint that is enabled begins without failures, and sends what is waiting. */
function stateChange(state: WebhookEndpointRow['state'], now: Date): Partial<WebhookEndpointRow> {
  return state === 'enabled'
    ? { stateReason: null, stateSince: now, failingSince: null, dueAt: now }
    : { stateReason: 'user', stateSince: now };
}
