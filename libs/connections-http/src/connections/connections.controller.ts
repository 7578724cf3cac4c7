import { ConnectionsService, type CreateConnectionInput, type UpdateConnectionInput } from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires } from '../callers/caller.ts';
import { type HttpRequest, type HttpResponse, pathOf } from '../http/messages.ts';
import { ConnectionListQuery, ConnectionPage, ConnectionResponse } from './connection.dto.ts';
import { IDEMPOTENCY_KEY, IdempotencyKey, withoutReplay } from './idempotency-key.ts';
import { ExpectedVersion, IF_MATCH, IF_NONE_MATCH, unlessUnchanged, withETag } from './entity-tag.ts';

const RESOURCE = 'connection';

@ApiTags('Connections')
@ApiRoutes()
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
    @CurrentCaller() caller: ApiCaller,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateConnectionInput,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectionResponse> {
    const connection = withoutReplay(response, await this.connections.create(caller, body, { idempotencyKey }));
    response.header('location', `${pathOf(request)}/${connection.id}`);
    return withETag(response, connection);
  }

  @Get()
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({ summary: 'List connections', operationId: 'listConnections' })
  @ApiOkResponse({ type: ConnectionPage })
  async list(
    @CurrentCaller() caller: ApiCaller,
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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectionResponse | undefined> {
    return unlessUnchanged(request, response, await this.connections.get(caller, id));
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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Body() body: UpdateConnectionInput,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectionResponse> {
    return withETag(response, await this.connections.update(caller, id, body, expectedVersion));
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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectionResponse> {
    return withETag(response, await this.connections.disable(caller, id, expectedVersion));
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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectionResponse> {
    return withETag(response, await this.connections.enable(caller, id, expectedVersion));
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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<void> {
    await this.connections.delete(caller, id, expectedVersion);
  }
}
