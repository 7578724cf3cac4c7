import { AdapterRegistry, type Connection, ConnectionsService, type Page } from '@score-crm/connections';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires } from '../callers/caller.ts';
import { Controller, Get, Query } from '@nestjs/common';
import { ConnectionListQuery, SENDER_DOMAINS, SenderResponse } from './connection.dto.ts';
import { NEXT_CURSOR } from '../queries/parameter.decorators.ts';
import { VendorCapabilities } from '../vendors/vendor.dto.ts';

export class SenderDefaults {
  @ApiProperty({ format: 'uuid', description: 'The ID of the connection.' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ example: 'sendgrid' })
  readonly vendor!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly fromEmail!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly fromName!: string | null;

  @ApiProperty({ type: [SenderResponse], description: 'All senders, the default one first.' })
  readonly senders!: readonly SenderResponse[];

  @ApiProperty(SENDER_DOMAINS)
  readonly allowedSenderDomains!: readonly string[];

  @ApiProperty({ description: 'Whether the connection can be claimed and sent through.' })
  readonly enabled!: boolean;

  @ApiProperty({ enum: ['ok', 'failing', 'untested'], description: 'The result of the last test.' })
  readonly state!: 'ok' | 'failing' | 'untested';

  @ApiProperty({ type: VendorCapabilities })
  readonly capabilities!: VendorCapabilities;
}

export class SenderDefaultsPage implements Page<SenderDefaults> {
  @ApiProperty({ type: [SenderDefaults] })
  readonly data!: readonly SenderDefaults[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

/** What a campaign builder requests when a user selects a connection. */
@ApiTags('Connections')
@ApiRoutes()
@Controller('sender-defaults')
export class SenderDefaultsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly registry: AdapterRegistry,
  ) {}

  @Get()
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({
    summary: 'List connections with their default senders',
    description: 'For pickers in a campaign builder: senders, test state and capabilities, without settings.',
    operationId: 'listSenderDefaults',
  })
  @ApiOkResponse({ type: SenderDefaultsPage })
  async list(
    @CurrentCaller() caller: ApiCaller,
    @Query() { search, ...query }: ConnectionListQuery,
  ): Promise<SenderDefaultsPage> {
    const ids = caller.connectionIds ?? undefined;
    const { data, nextCursor } = await this.connections.list(caller, { ...query, text: search, ids });
    return { data: data.flatMap((connection) => this.defaultsOf(connection)), nextCursor };
  }

  /** None for a vendor whose adapter is no longer installed: nothing can be sent through it. */
  private defaultsOf(connection: Connection): SenderDefaults[] {
    const { id, name, vendor, fromEmail, fromName, senders, allowedSenderDomains, enabled, lastTest } = connection;
    const registered = this.registry.find(vendor);
    if (registered === undefined) return [];
    const state = lastTest === null ? 'untested' : lastTest.ok ? 'ok' : 'failing';
    const { capabilities } = registered.adapter;
    return [{ id, name, vendor, fromEmail, fromName, senders, allowedSenderDomains, enabled, state, capabilities }];
  }
}
