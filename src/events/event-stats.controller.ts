import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { readNumber, readQuery } from '../paging/page-query.ts';
import { EventCountsResponse } from './event-counts.dto.ts';

const MAX_DAYS = 365;

@ApiTags('Events')
@Controller('connections/:id/stats')
export class EventStatsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Requires('read')
  @ApiOperation({ summary: 'Count the events of a connection by kind', operationId: 'getEventStats' })
  @ApiQuery({
    name: 'days',
    required: false,
    description: 'The number of days up to now.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_DAYS, default: 30 },
  })
  @ApiOkResponse({ type: EventCountsResponse })
  async counts(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<EventCountsResponse> {
    return this.events.counts(caller, id, readNumber('days', readQuery(query, ['days']).days, MAX_DAYS));
  }
}
