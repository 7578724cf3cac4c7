import { EVENT_KINDS, stringifyJson } from '@score-crm/adapter-kit';
import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { EventDetailsResponse, EventPage } from './event.dto.ts';
import { readEventQuery } from './event-query.ts';

@ApiTags('events')
@Controller('connections/:id/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Requires('read')
  @ApiOperation({ summary: 'The events of a connection, newest first', operationId: 'listEvents' })
  @ApiQuery({ name: 'kind', required: false, enum: EVENT_KINDS })
  @ApiQuery({ name: 'recipient', required: false, description: 'A whole address.' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before.' })
  @ApiOkResponse({ type: EventPage })
  @ApiNotFoundResponse({ type: Problem })
  async list(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<EventPage> {
    return this.events.list(caller, id, readEventQuery(query));
  }

  @Get(':eventId')
  @Requires('read')
  @ApiOperation({ summary: 'One event, with its raw form', operationId: 'getEvent' })
  @ApiOkResponse({ type: EventDetailsResponse })
  @ApiNotFoundResponse({ type: Problem })
  async get(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Param('eventId') eventId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventDetailsResponse> {
    const details = await this.events.get(caller, id, eventId);
    // The numbers of the raw form, which a double may not hold, as they came.
    reply.type('application/json; charset=utf-8').serializer((value) => stringifyJson(value) ?? 'null');
    return details;
  }
}
