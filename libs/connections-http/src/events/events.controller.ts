import { stringifyJson } from '@score-crm/adapter-kit';
import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import type { HttpResponse } from '../http/messages.ts';
import {
  EventDetailsResponse,
  EventListQuery,
  EventPage,
  MessageTimelineQuery,
  MessageTimelineResponse,
} from './event.dto.ts';

@ApiTags('Events')
@ApiRoutes()
@Controller('connections/:id')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get('events')
  @Requires('read')
  @ApiOperation({
    summary: 'List the events of a connection',
    operationId: 'listEvents',
    description:
      'Returns the events that match all parameters, newest first by default. One request reads at most 10,000 events. With `domain`, `from` or `to`, a page may therefore have fewer events than `limit`, or none, although more follow: continue until `nextCursor` is null.',
  })
  @ApiQuery({ name: 'kind', required: false, style: 'form', explode: false })
  @ApiOkResponse({ type: EventPage })
  async list(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Query() { kind, ...query }: EventListQuery,
  ): Promise<EventPage> {
    return this.events.list(caller, id, { ...query, kinds: kind });
  }

  @Get('events/:eventId')
  @Requires('read')
  @ApiOperation({ summary: 'Get an event with the vendor’s raw data', operationId: 'getEvent' })
  @ApiOkResponse({ type: EventDetailsResponse })
  async get(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('eventId') eventId: string,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<string> {
    const details = await this.events.get(caller, id, eventId);
    // The numbers of the raw form, which a double may not hold, as they came.
    response.header('content-type', 'application/json; charset=utf-8');
    return stringifyJson(details) ?? 'null';
  }

  @Get('messages/:messageId')
  @Requires('read')
  @ApiOperation({
    summary: 'Get the timeline of a message',
    description:
      'Returns the events of a message that was sent through the connection, for all of its recipients or for one.',
    operationId: 'getMessageTimeline',
  })
  @ApiParam({ name: 'messageId', description: 'The ID that sending the message returned, percent-encoded.' })
  @ApiOkResponse({ type: MessageTimelineResponse })
  async timeline(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('messageId') messageId: string,
    @Query() { recipient }: MessageTimelineQuery,
  ): Promise<MessageTimelineResponse> {
    return this.events.timeline(caller, id, messageId, recipient);
  }
}
