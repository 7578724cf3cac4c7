import { StatsService } from '@score-crm/connections';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires } from '../callers/caller.ts';
import { EventStatsQuery, EventStatsResponse } from './stats.dto.ts';

const DESCRIPTION =
  'Returns the number of events by kind, the rates that follow from them, and with `interval` the counts of each hour or day. An event is counted at the time when it happened. Counts are kept for 400 days, also when the events themselves have been deleted.';

@ApiTags('Events')
@ApiRoutes()
@Controller()
export class StatsController {
  constructor(private readonly stats: StatsService) {}

  @Get('connections/:id/stats')
  @Requires('read')
  @ApiOperation({
    summary: 'Count the events of a connection over time',
    operationId: 'getEventStats',
    description: DESCRIPTION,
  })
  @ApiOkResponse({ type: EventStatsResponse })
  async ofConnection(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Query() query: EventStatsQuery,
  ): Promise<EventStatsResponse> {
    return this.stats.ofConnection(caller, id, query);
  }

  @Get('stats')
  @Requires('read')
  @ForRestrictedCallers()
  @ApiOperation({
    summary: 'Count the events of all connections over time',
    operationId: 'getOrganizationStats',
    description: `${DESCRIPTION} The connections of your organization are summed up, deleted ones until they are purged. An API key that is restricted to connections gets the sums of those.`,
  })
  @ApiOkResponse({ type: EventStatsResponse })
  async ofOrganization(
    @CurrentCaller() caller: ApiCaller,
    @Query() query: EventStatsQuery,
  ): Promise<EventStatsResponse> {
    return this.stats.ofOrganization(caller, query, caller.connectionIds ?? undefined);
  }
}
