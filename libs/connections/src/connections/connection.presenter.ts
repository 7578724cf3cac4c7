import { Inject, Injectable } from '@nestjs/common';
import type { SendingMode } from '../options/connections.module-options.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import type { ConnectionRow, LastTest, SecretInfo } from './connection-row.ts';
import {
  CONNECTION_ALLOWANCES,
  CONNECTION_USAGES,
  CONNECTION_WEBHOOKS,
  type ConnectionAllowances,
  type ConnectionUsages,
  type ConnectionWebhook,
  type ConnectionWebhooks,
  type UsageCounts,
} from './ports.ts';
import { type Sender, sendersOf } from './senders.ts';
import type { DailyAllowance, SendingLimits } from './sending-limits.ts';

/** A connection as the API returns it, without secrets. */
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
  /** All senders, the default one first: its email is `fromEmail`, its name `fromName`. */
  readonly senders: readonly Sender[];
  /** `example.com`, or `*.example.com` for all domains below it; empty without a restriction. */
  readonly allowedSenderDomains: readonly string[];
  /** Whether messages are not sent to suppressed recipients. */
  readonly checkSuppressions: boolean;
  /** The service may have a stricter one. */
  readonly mode: SendingMode;
  readonly redirectTo: string | null;
  readonly limits: SendingLimits | null;
  /** Of today, in UTC; null without a limit per day. */
  readonly allowance: DailyAllowance | null;
  /** Whether it can be claimed and sent through. */
  readonly enabled: boolean;
  readonly disabledAt: Date | null;
  readonly lastTest: LastTest | null;
  readonly webhook: ConnectionWebhook;
  /** The campaigns and journeys that use it. */
  readonly usages: UsageCounts;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Increases with every change. */
  readonly version: number;
}

export interface SecretState extends SecretInfo {
  readonly set: true;
}

const UNUSED: UsageCounts = { total: 0, active: 0 };

/** Converts rows to views, with one query for the usages and one for the webhooks of all of them. */
@Injectable()
export class ConnectionPresenter {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    @Inject(CONNECTION_USAGES) private readonly usages: ConnectionUsages,
    @Inject(CONNECTION_WEBHOOKS) private readonly webhooks: ConnectionWebhooks,
    @Inject(CONNECTION_ALLOWANCES) private readonly allowances: ConnectionAllowances,
  ) {}

  async one(row: ConnectionRow): Promise<Connection> {
    const [view] = await this.all([row]);
    return view as Connection;
  }

  async all(rows: readonly ConnectionRow[]): Promise<Connection[]> {
    const webhooks = await this.webhooks.webhooksOf(rows);
    const allowances = await this.allowances.allowancesOf(rows);
    const ids = rows.map(({ id }) => id);
    const usages = await this.unitOfWork.read((tx) => this.usages.counts(tx, ids));
    return rows.map((row, index) =>
      toConnection(row, {
        webhook: webhooks[index] as ConnectionWebhook,
        allowance: allowances[index] ?? null,
        usages: usages.get(row.id) ?? UNUSED,
      }),
    );
  }
}

function toConnection(row: ConnectionRow, more: Pick<Connection, 'allowance' | 'usages' | 'webhook'>): Connection {
  const secrets = Object.entries(row.secretInfo).map(([name, info]) => [name, { set: true, ...info }] as const);
  return {
    id: row.id,
    name: row.name,
    vendor: row.vendor,
    settings: row.settings,
    secrets: Object.fromEntries(secrets),
    fromEmail: row.fromEmail,
    fromName: row.fromName,
    senders: sendersOf(row),
    allowedSenderDomains: row.allowedSenderDomains ?? [],
    checkSuppressions: row.checkSuppressions,
    mode: row.mode,
    redirectTo: row.redirectTo,
    limits: row.limits,
    enabled: row.disabledAt === null,
    disabledAt: row.disabledAt,
    lastTest: row.lastTest,
    ...more,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}
