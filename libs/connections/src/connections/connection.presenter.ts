import { Inject, Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { ConnectionUsagesRepository } from '../persistence/connection-usages.repository.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { webhookUrl } from '../webhooks/webhook-url.ts';
import { WebhookStatusService } from '../webhooks/webhook-status.service.ts';
import { type WebhookStatus, webhookState } from '../webhooks/webhook-state.ts';
import { type Connection, toConnection } from './connection.ts';

const UNUSED = { total: 0, active: 0 };

/** Rows as they are shown, with what is known of them elsewhere: asked for once for all of them. */
@Injectable()
export class ConnectionPresenter {
  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly usages: ConnectionUsagesRepository,
    private readonly statuses: WebhookStatusService,
  ) {}

  async one(row: ConnectionRow): Promise<Connection> {
    const [view] = await this.all([row]);
    return view as Connection;
  }

  async all(rows: readonly ConnectionRow[]): Promise<Connection[]> {
    const ids = rows.map(({ id }) => id);
    const statuses = await this.statuses.of(ids);
    const usages = await this.unitOfWork.read((tx) => this.usages.countByConnection(tx, ids));
    return rows.map((row) => {
      return toConnection(row, this.webhookOf(row, statuses.get(row.id)), usages.get(row.id) ?? UNUSED);
    });
  }

  private webhookOf(row: ConnectionRow, status: WebhookStatus | undefined): Connection['webhook'] {
    const registered = this.registry.find(row.vendor);
    const supported = registered?.adapter.webhooks !== undefined;
    return {
      supported,
      url: supported ? (webhookUrl(this.options, row) ?? null) : null,
      state: webhookState(row, registered, status),
      lastEventAt: status?.lastEventAt ?? null,
    };
  }
}
