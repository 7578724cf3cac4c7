import { EventsService } from '@score-crm/connections';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { EventCountsResponse } from './event-counts.dto.ts';
import { EventStatsQuery } from './event-stats.query.ts';

@ApiTags('Events')
@Controller('connections/:id/stats')
export class EventStatsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Requires('read')
  @ApiOperation({ summary: 'Count the events of a connection by kind', operationId: 'getEventStats' })
  @ApiOkResponse({ type: EventCountsResponse })
  async counts(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() { days }: EventStatsQuery,
  ): Promise<EventCountsResponse> {
    return this.events.counts(caller, id, days);
  }
}
