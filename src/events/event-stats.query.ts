import { STATS_DAYS } from '@score-crm/connections';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsNumberParameter } from '../queries/parameter.decorators.ts';

/** The period that events are counted in. */
export class EventStatsQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: STATS_DAYS.max,
    default: STATS_DAYS.default,
    description: 'The number of days up to now.',
  })
  @IsOptional()
  @IsNumberParameter(STATS_DAYS.max)
  readonly days?: number;
}
