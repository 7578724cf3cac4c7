import { AdapterRegistry, type Connection, ConnectionsService } from '@score-crm/connections';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForRestrictedKeys } from '../auth/connection-access.ts';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { ConnectionListQuery } from '../connections/connection-list.query.ts';
import { type SenderDefaults, SenderDefaultsPage } from './sender-defaults.dto.ts';

/** What a campaign builder requests when a user selects a connection. */
@ApiTags('Connections')
@Controller('sender-defaults')
export class SenderDefaultsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly registry: AdapterRegistry,
  ) {}

  @Get()
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({
    summary: 'List connections with their default senders',
    description: 'For pickers in a campaign builder: senders, test state and capabilities, without settings.',
    operationId: 'listSenderDefaults',
  })
  @ApiOkResponse({ type: SenderDefaultsPage })
  async list(
    @CurrentPrincipal() caller: Principal,
    @Query() { search, ...query }: ConnectionListQuery,
  ): Promise<SenderDefaultsPage> {
    const ids = caller.connectionIds ?? undefined;
    const { data, nextCursor } = await this.connections.list(caller, { ...query, text: search, ids });
    return { data: data.flatMap((connection) => this.defaultsOf(connection)), nextCursor };
  }

  /** None for a vendor whose adapter is no longer installed: nothing can be sent through it. */
  private defaultsOf(connection: Connection): SenderDefaults[] {
    const { id, name, vendor, fromEmail, fromName, allowedSenderDomains, lastTest } = connection;
    const registered = this.registry.find(vendor);
    if (registered === undefined) return [];
    const state = lastTest === null ? 'untested' : lastTest.ok ? 'ok' : 'failing';
    const { capabilities } = registered.adapter;
    return [{ id, name, vendor, fromEmail, fromName, allowedSenderDomains, state, capabilities }];
  }
}
