import {
  type CallOptions,
  createScrubber,
  type RegistrationStatus,
  type RegistrationTarget,
  type WebhookLogEntry,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  AdapterRegistry,
  reportedDetails,
  scrubbedDetails,
  unexpectedFailure,
  withTimeout,
} from '../adapters/adapter.registry.ts';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader, type ResolvedConnection } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsService } from '../connections/connections.service.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import { webhookUrl } from './webhook-status.service.ts';
import { RegistrationFailedError, RegistrationObstacleError } from './webhook.errors.ts';

const CALL_MS = 30_000;
/** A registration that times out removes what it created. */
const CLEANUP_MS = 10_000;
/** Longer than all calls of one registration together. */
const LEASE_MS = 90_000;
const UNREGISTERED = { vendorId: null, registeredAt: null, attemptedAt: null } as const;
const INTERNAL_ERROR =
  'The request to the vendor failed because of an internal error. Try again. See the service log for details.';

interface Subject {
  readonly connection: ResolvedConnection;
  readonly registration: WebhookRegistration;
  readonly target: RegistrationTarget;
}

/** Registers and removes webhooks through the vendors' APIs. It changes only the connection's own webhooks. */
@Injectable()
export class WebhookRegistrationService {
  private readonly logger = new Logger(WebhookRegistrationService.name);

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly connections: ConnectionsService,
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: ConnectionWebhooksRepository,
    private readonly audit: AuditRepository,
  ) {}

  /**
   * Creates or updates the connection's webhook at the vendor, and stores the key that the vendor generated for it.
   * @throws ConnectionNotFoundError, RegistrationObstacleError, RegistrationFailedError, SecretsUnreadableError,
   *   InvalidInputError if the stored settings are not valid for the adapter's current version
   */
  async register(caller: Caller, id: string): Promise<void> {
    await this.checkPossible(caller, id);
    await this.withLease(id, async () => {
      // The vendor may send a request before its API responds, so the secret must be stored first.
      await this.connections.ensureGeneratedSecrets(caller, id);
      const subject = await this.subject(caller.organization, id);
      const { registration, target, connection } = subject;
      // A failure may leave webhooks at the vendor. They are removed with the connection.
      await this.unitOfWork.write((tx) => this.webhooks.save(tx, id, { attemptedAt: new Date() }));
      const registered = await this.call(subject, (options) =>
        registration.register(target, connection.settings, options),
      );
      if (registered.settings !== undefined) {
        await this.connections.update(caller, id, { settings: { ...registered.settings } });
      }
      await this.unitOfWork.write(async (tx) => {
        await this.webhooks.save(tx, id, { vendorId: registered.vendorId, registeredAt: new Date() });
        await this.audit.record(tx, caller, 'webhook.register', id);
      });
      await this.requestTest(await this.subject(caller.organization, id));
    });
  }

  /** Returns the webhook's current state at the vendor. @throws as `register` does */
  async status(caller: Caller, id: string): Promise<RegistrationStatus> {
    const subject = await this.subject(caller.organization, id);
    const { registration, target, connection } = subject;
    return this.call(subject, (options) => registration.status(target, connection.settings, options));
  }

  /**
   * Returns the vendor's own log of its requests to the webhook, newest first. Which requests it lists depends on the vendor.
   * @throws as `register` does
   */
  async log(caller: Caller, id: string): Promise<readonly WebhookLogEntry[]> {
    const row = await this.loader.row(caller.organization, id);
    if (this.registry.find(row.vendor)?.adapter.webhooks?.registration?.log === undefined) {
      throw new RegistrationObstacleError('webhook_log_unsupported');
    }
    const subject = await this.subjectOf(await this.loader.resolve(row));
    const { registration, target, connection } = subject;
    return this.call(
      subject,
      async (options) => (await registration.log?.(target, connection.settings, options)) ?? [],
    );
  }

  /** Removes the connection's webhook at the vendor. A missing webhook is not an error. @throws as `register` does */
  async unregister(caller: Caller, id: string): Promise<void> {
    this.registrationOf(await this.loader.row(caller.organization, id));
    await this.withLease(id, async () => {
      const subject = await this.subject(caller.organization, id);
      await this.remove(subject);
      await this.unitOfWork.write(async (tx) => {
        await this.webhooks.save(tx, id, { ...UNREGISTERED, removedAt: new Date() });
        await this.audit.record(tx, caller, 'webhook.unregister', id);
      });
    });
  }

  /**
   * Removes the webhook of a deleted connection if this service registered one or tried to.
   * @throws as `unregister` does
   */
  async unregisterDeleted(row: ConnectionRow, signal?: AbortSignal): Promise<void> {
    const [webhook] = await this.unitOfWork.read((tx) => this.webhooks.find(tx, [row.id]));
    // An instance of before this column may have registered it while the service was being updated.
    if ((webhook?.attemptedAt ?? webhook?.vendorId ?? null) === null) return;
    await this.remove(await this.subjectOf(await this.loader.resolve(row)), signal);
    await this.unitOfWork.write((tx) => this.webhooks.save(tx, row.id, UNREGISTERED));
  }

  private async remove(subject: Subject, signal?: AbortSignal): Promise<void> {
    const { registration, target, connection } = subject;
    await this.call(subject, (options) => registration.unregister(target, connection.settings, options), signal);
  }

  /** A test request shows immediately whether the webhook works. Without one, the first event does. */
  private async requestTest(subject: Subject): Promise<void> {
    const { registration, target, connection } = subject;
    try {
      await this.call(subject, async (options) => registration.test?.(target, connection.settings, options));
    } catch (error) {
      this.logger.warn(
        `${connection.identity.displayName} did not send a test request to connection ${connection.row.id}: ${safeMessage(error)}`,
      );
    }
  }

  private async checkPossible(caller: Caller, id: string): Promise<void> {
    const row = await this.loader.row(caller.organization, id);
    this.registrationOf(row);
    this.urlOf(row);
  }

  private async subject(organization: string, id: string): Promise<Subject> {
    const row = await this.loader.row(organization, id);
    this.registrationOf(row);
    return this.subjectOf(await this.loader.resolve(row));
  }

  private async subjectOf(connection: ResolvedConnection): Promise<Subject> {
    const { row } = connection;
    const [webhook] = await this.unitOfWork.read((tx) => this.webhooks.find(tx, [row.id]));
    const vendorId = webhook?.vendorId ?? null;
    return {
      connection,
      registration: this.registrationOf(row),
      target: { url: this.urlOf(row), ...(vendorId === null ? {} : { vendorId }) },
    };
  }

  private registrationOf(row: ConnectionRow): WebhookRegistration {
    const registration = this.registry.find(row.vendor)?.adapter.webhooks?.registration;
    if (registration === undefined) throw new RegistrationObstacleError('registration_unsupported');
    return registration;
  }

  private urlOf(row: ConnectionRow): string {
    const url = webhookUrl(this.options, row);
    if (url === undefined) throw new RegistrationObstacleError('public_url_missing');
    return url;
  }

  private async withLease<T>(id: string, work: () => Promise<T>): Promise<T> {
    const now = new Date();
    const until = new Date(now.getTime() + LEASE_MS);
    const isLeased = await this.unitOfWork.write((tx) => this.webhooks.lease(tx, id, now, until));
    if (!isLeased) throw new RegistrationObstacleError('registration_in_progress');
    try {
      return await work();
    } finally {
      await this.unitOfWork.write((tx) => this.webhooks.save(tx, id, { leasedUntil: null }));
    }
  }

  /** @throws RegistrationFailedError without secrets, for every error of the adapter */
  private async call<T>(
    { connection }: Subject,
    work: (options: CallOptions) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { vendor } = connection.identity;
    const scrub = createScrubber(Object.values(connection.secrets));
    try {
      return await withTimeout(
        vendor,
        CALL_MS,
        (timeout) => work({ signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]) }),
        CLEANUP_MS,
      );
    } catch (error) {
      const reported = reportedDetails(error);
      if (reported === undefined)
        this.logger.error(scrub(`A webhook registration at ${vendor} failed unexpectedly: ${safeMessage(error)}`));
      throw new RegistrationFailedError(
        scrubbedDetails(reported ?? unexpectedFailure('webhook', INTERNAL_ERROR), scrub),
      );
    }
  }
}
