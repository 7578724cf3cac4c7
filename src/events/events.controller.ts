import { stringifyJson } from '@score-crm/adapter-kit';
import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { EventDetailsResponse, EventPage } from './event.dto.ts';
import { EventListQuery } from './event-list.query.ts';

@ApiTags('Events')
@Controller('connections/:id/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Requires('read')
  @ApiOperation({ summary: 'List the events of a connection', operationId: 'listEvents' })
  @ApiOkResponse({ type: EventPage })
  async list(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() query: EventListQuery,
  ): Promise<EventPage> {
    return this.events.list(caller, id, query);
  }

  @Get(':eventId')
  @Requires('read')
  @ApiOperation({ summary: 'Get an event with the vendor’s raw data', operationId: 'getEvent' })
  @ApiOkResponse({ type: EventDetailsResponse })
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
