import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { readNumber, readQuery } from '../paging/page-query.ts';
import { Problem } from '../problems/problem.ts';
import { EventCountsResponse } from './event-counts.dto.ts';

const MAX_DAYS = 365;

@ApiTags('events')
@Controller('connections/:id/stats')
export class EventStatsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Requires('read')
  @ApiOperation({ summary: 'How many events of each kind the last days brought', operationId: 'getEventStats' })
  @ApiQuery({ name: 'days', required: false, schema: { type: 'integer', minimum: 1, maximum: MAX_DAYS, default: 30 } })
  @ApiOkResponse({ type: EventCountsResponse })
  @ApiNotFoundResponse({ type: Problem })
  async counts(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<EventCountsResponse> {
    return this.events.counts(caller, id, readNumber('days', readQuery(query, ['days']).days, MAX_DAYS));
  }
}
