import { ConnectionsService, type CreateConnectionInput, type UpdateConnectionInput } from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { ForRestrictedKeys, type Principal, Requires } from '../auth/principal.ts';
import { ConnectionListQuery, ConnectionPage, ConnectionResponse } from './connection.dto.ts';
import { IDEMPOTENCY_KEY, IdempotencyKey, withoutReplay } from './idempotency-key.ts';
import { ExpectedVersion, IF_MATCH, IF_NONE_MATCH, withETag } from './entity-tag.ts';

const RESOURCE = 'connection';

@ApiTags('Connections')
@Controller('connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  @Post()
  @Requires('manage')
  @ApiOperation({ summary: 'Create a connection', operationId: 'createConnection' })
  @ApiHeader(
    IDEMPOTENCY_KEY(
      'Creates the connection once, however often the request is repeated. For 24 hours, the same connection is returned again as it is then, even if it has been deleted, with the header `Idempotency-Replayed`.',
    ),
  )
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateConnection' } })
  @ApiCreatedResponse({ type: ConnectionResponse })
  async create(
    @CurrentPrincipal() caller: Principal,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateConnectionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    const connection = withoutReplay(reply, await this.connections.create(caller, body, { idempotencyKey }));
    void reply.header('location', `/api/v1/connections/${connection.id}`);
    return withETag(reply, connection);
  }

  @Get()
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'List connections', operationId: 'listConnections' })
  @ApiOkResponse({ type: ConnectionPage })
  async list(
    @CurrentPrincipal() caller: Principal,
    @Query() { search, ...query }: ConnectionListQuery,
  ): Promise<ConnectionPage> {
    const ids = caller.connectionIds ?? undefined;
    return this.connections.list(caller, { ...query, text: search, ids });
  }

  @Get(':id')
  @Requires('read')
  @ApiOperation({ summary: 'Get a connection', operationId: 'getConnection' })
  @ApiHeader(IF_NONE_MATCH(RESOURCE))
  @ApiOkResponse({ type: ConnectionResponse })
  async get(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.get(caller, id));
  }

  @Patch(':id')
  @Requires('manage')
  @ApiOperation({
    summary: 'Update a connection',
    description:
      'Omitted fields keep their value; `null` clears a field. Changing a field that decides where secrets are sent, such as the host, requires sending the secrets again.',
    operationId: 'updateConnection',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiBody({ schema: { $ref: '#/components/schemas/UpdateConnection' } })
  @ApiOkResponse({ type: ConnectionResponse })
  async update(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Body() body: UpdateConnectionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.update(caller, id, body, expectedVersion));
  }

  @Post(':id/disable')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Disable a connection',
    description:
      'Nothing can be sent through a disabled connection, and it cannot be claimed. It can still be tested, and its webhook still accepts events. Disabling a disabled connection succeeds and changes nothing.',
    operationId: 'disableConnection',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiOkResponse({ type: ConnectionResponse })
  async disable(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.disable(caller, id, expectedVersion));
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Enable a connection',
    description: 'Enabling an enabled connection succeeds and changes nothing.',
    operationId: 'enableConnection',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiOkResponse({ type: ConnectionResponse })
  async enable(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.enable(caller, id, expectedVersion));
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({
    summary: 'Delete a connection',
    description:
      'The connection stops sending immediately. Its webhook accepts events until the retention period ends; then the service erases all of its data.',
    operationId: 'deleteConnection',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiNoContentResponse()
  async delete(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<void> {
    await this.connections.delete(caller, id, expectedVersion);
  }
}
