import type { UsageCounts } from '../persistence/connection-usages.repository.ts';
import type { ConnectionRow, LastTest, SecretInfo } from '../persistence/schema/connection-row.ts';
import type { WebhookState } from '../webhooks/webhook-state.ts';

/** A connection as it is shown: no secret in it. */
export interface Connection {
  /** UUIDv7. */
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** The values of the fields that are not secret. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly secrets: Readonly<Record<string, SecretState>>;
  readonly fromEmail: string | null;
  readonly fromName: string | null;
  /** `example.com`, or `*.example.com` for all domains below it; empty without a restriction. */
  readonly allowedSenderDomains: readonly string[];
  readonly lastTest: LastTest | null;
  readonly webhook: ConnectionWebhook;
  /** The campaigns and journeys that use it. */
  readonly usages: UsageCounts;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Counts up with every change. */
  readonly version: number;
}

export interface ConnectionWebhook {
  /** Whether the vendor has webhooks. */
  readonly supported: boolean;
  /** Where the vendor posts, without a query; null where there is none, or the public address is not known. */
  readonly url: string | null;
  readonly state: WebhookState;
  readonly lastEventAt: Date | null;
}

export interface SecretState extends SecretInfo {
  readonly set: true;
}

export function toConnection(row: ConnectionRow, webhook: ConnectionWebhook, usages: UsageCounts): Connection {
  const secrets = Object.entries(row.secretInfo).map(([name, info]) => [name, { set: true, ...info }] as const);
  return {
    id: row.id,
    name: row.name,
    vendor: row.vendor,
    settings: row.settings,
    secrets: Object.fromEntries(secrets),
    fromEmail: row.fromEmail,
    fromName: row.fromName,
    allowedSenderDomains: row.allowedSenderDomains ?? [],
    lastTest: row.lastTest,
    webhook,
    usages,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}
