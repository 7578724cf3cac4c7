import { type Connection, ConnectionsService } from '@score-crm/connections';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPreconditionFailedResponse,
  ApiQuery,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ForRestrictedKeys } from '../auth/connection-access.ts';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { ConnectionPage, ConnectionResponse } from './connection.dto.ts';
import { readConnectionQuery } from './connection-query.ts';
import { entityTag, readIfMatch } from './entity-tag.ts';

const IF_MATCH = { name: 'If-Match', required: false, description: 'The ETag of the connection as it was read.' };

@ApiTags('connections')
@Controller('connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  @Post()
  @Requires('manage')
  @ApiOperation({ summary: 'Create a connection', operationId: 'createConnection' })
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateConnection' } })
  @ApiCreatedResponse({ type: ConnectionResponse })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async create(
    @CurrentPrincipal() caller: Principal,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    const connection = await this.connections.create(caller, body);
    void reply.header('location', `/api/v1/connections/${connection.id}`);
    return withETag(reply, connection);
  }

  @Get()
  @ForRestrictedKeys()
  @Requires('read')
  @ApiOperation({ summary: 'The connections of your organization, newest first', operationId: 'listConnections' })
  @ApiQuery({ name: 'vendor', required: false })
  @ApiQuery({ name: 'search', required: false, description: 'Part of the name or of the sender’s address.' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before.' })
  @ApiOkResponse({ type: ConnectionPage })
  async list(@CurrentPrincipal() caller: Principal, @Query() query: Record<string, unknown>): Promise<ConnectionPage> {
    return this.connections.list(caller, { ...readConnectionQuery(query), ids: caller.connectionIds ?? undefined });
  }

  @Get(':id')
  @Requires('read')
  @ApiOperation({ summary: 'One connection', operationId: 'getConnection' })
  @ApiOkResponse({ type: ConnectionResponse })
  @ApiNotFoundResponse({ type: Problem })
  async get(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.get(caller, id));
  }

  @Patch(':id')
  @Requires('manage')
  @ApiOperation({ summary: 'Change a connection: what is absent stays, null clears', operationId: 'updateConnection' })
  @ApiHeader(IF_MATCH)
  @ApiBody({ schema: { $ref: '#/components/schemas/UpdateConnection' } })
  @ApiOkResponse({ type: ConnectionResponse })
  @ApiNotFoundResponse({ type: Problem })
  @ApiPreconditionFailedResponse({ type: Problem })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async update(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionResponse> {
    return withETag(reply, await this.connections.update(caller, id, body, readIfMatch(ifMatch)));
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({ summary: 'Take a connection out of use', operationId: 'deleteConnection' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: Problem })
  @ApiConflictResponse({ type: Problem, description: 'Campaigns or journeys need it; they are named under usages.' })
  @ApiPreconditionFailedResponse({ type: Problem })
  async delete(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.connections.delete(caller, id, readIfMatch(ifMatch));
  }
}

function withETag(reply: FastifyReply, connection: Connection): Connection {
  void reply.header('etag', entityTag(connection.version));
  return connection;
}
