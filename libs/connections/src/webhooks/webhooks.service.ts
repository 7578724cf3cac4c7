import { declaredFields, type SetupInstruction } from '@score-crm/adapter-kit';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader, currentSettings } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import type { WebhookState } from '../connections/ports.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { webhookState, WebhookStatusService, webhookUrl } from './webhook-status.service.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';

/** A connection's webhook with its state and setup. */
export interface WebhookDetails {
  readonly supported: boolean;
  /** Null if the vendor has no webhooks, or `webhookBaseUrl` is not set. */
  readonly url: string | null;
  /** The address to enter at the vendor: the URL, which may contain a secret. */
  readonly address: string | null;
  readonly state: WebhookState;
  readonly lastReceivedAt: Date | null;
  readonly lastEventAt: Date | null;
  /** When an authenticated request was rejected, because it could not be read. */
  readonly lastRejectedAt: Date | null;
  /** When a request was refused, because it was not authenticated, and why. */
  readonly lastUnauthenticatedAt: Date | null;
  readonly unauthenticatedReason: UnauthenticatedReason | null;
  /** How many requests were refused in all, as of a second ago. */
  readonly unauthenticatedCount: number;
  /** What to do at the vendor's site; empty without a URL. */
  readonly setupInstructions: readonly SetupInstruction[];
  readonly registration: {
    /** Whether this service can register the webhook through the vendor's API. */
    readonly supported: boolean;
    /** Whether this service registered it. */
    readonly registered: boolean;
    readonly registeredAt: Date | null;
    /** Whether the vendor's own log of its requests can be read. */
    readonly hasLog: boolean;
  };
}

@Injectable()
export class WebhooksService {
  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly statuses: WebhookStatusService,
  ) {}

  /**
   * @param showSecrets whether `address` and `setupInstructions` contain the webhook's secrets, or a mask instead
   * @throws ConnectionNotFoundError; SecretsUnreadableError if `showSecrets` is true
   */
  async get(caller: Caller, id: string, showSecrets: boolean): Promise<WebhookDetails> {
    const row = await this.loader.row(caller.organization, id);
    const registered = this.registry.find(row.vendor);
    const receiver = registered?.adapter.webhooks;
    const status = (await this.statuses.of([id])).get(id);
    const url = receiver === undefined ? undefined : webhookUrl(this.options, row);
    const shown = {
      supported: receiver !== undefined,
      url: url ?? null,
      state: webhookState(row, registered, status),
      lastReceivedAt: status?.lastReceivedAt ?? null,
      lastEventAt: status?.lastEventAt ?? null,
      lastRejectedAt: status?.lastRejectedAt ?? null,
      lastUnauthenticatedAt: status?.lastUnauthenticatedAt ?? null,
      unauthenticatedReason: status?.unauthenticatedReason ?? null,
      unauthenticatedCount: status?.unauthenticatedCount ?? 0,
      registration: {
        supported: receiver?.registration !== undefined,
        registered: (status?.vendorId ?? null) !== null,
        registeredAt: status?.registeredAt ?? null,
        hasLog: receiver?.registration?.log !== undefined,
      },
    };
    if (registered === undefined || receiver === undefined || url === undefined) {
      return { ...shown, address: null, setupInstructions: [] };
    }
    const settings = showSecrets
      ? ((await this.loader.webhookSettings(row))[0] ?? {})
      : maskedSettings(registered.adapter.settings, row);
    return {
      ...shown,
      address: receiver.address?.(url, settings) ?? url,
      setupInstructions: receiver.setupInstructions(url, settings),
    };
  }
}

// Stands in a URL as it is.
const MASK = '********';

/** The settings with a mask instead of each secret that is set, without decrypting anything. */
function maskedSettings(type: Type<object>, row: ConnectionRow): object {
  const secrets = Object.fromEntries(Object.keys(row.secretInfo).map((name) => [name, MASK]));
  const known = new Set(declaredFields(type).map(({ name }) => name));
  const values = currentSettings(type, { settings: row.settings, secrets });
  return Object.assign(
    new type(),
    Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name))),
  ) as object;
}
