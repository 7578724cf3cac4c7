import type { BounceClass } from '@score-crm/adapter-kit';
import {
  type EventCounts,
  type EventStats,
  type Rate,
  RATE_NAMES,
  type RateBase,
  type RateName,
  type RateThreshold,
  STATS_DAYS,
  STATS_INTERVALS,
  type StatsBucket,
  type StatsInterval,
  type StatsQuery,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsNumberParameter, IsOneOf, IsTimeParameter } from '../queries/parameter.decorators.ts';

class EventCountsResponse implements EventCounts {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { sent: 1200, delivered: 1180, bounced: 12, opened: 640 },
    description:
      'The number of events by kind. Kinds without events are omitted. Events of other systems, events of tests, and opens and clicks by machines are not counted.',
  })
  readonly counts!: EventCounts['counts'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { opened: 310 },
    description:
      'The number of opens and clicks by machines, such as mail clients that prefetch images, by kind. Counted since version 0.3.',
  })
  readonly machineCounts!: EventCounts['machineCounts'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { hard: 9, soft: 3 } satisfies Partial<Record<BounceClass, number>>,
    description: 'The number of bounces by class. Before version 0.3, all of them are `unknown`.',
  })
  readonly bounceClasses!: EventCounts['bounceClasses'];
}

@ApiSchema({ name: 'StatsBucket' })
export class StatsBucketResponse extends EventCountsResponse implements StatsBucket {
  @ApiProperty({ format: 'date-time', description: 'When the hour or the day begins, in UTC.' })
  readonly start!: Date;
}

@ApiSchema({ name: 'RateThreshold' })
export class RateThresholdResponse implements RateThreshold {
  @ApiProperty({ description: 'Who publishes it.', example: 'Gmail' })
  readonly provider!: string;

  @ApiProperty({ description: 'The limit, from 0 to 1.', example: 0.003 })
  readonly rate!: number;

  @ApiProperty({
    enum: ['recommended', 'required', 'review', 'pause'],
    description:
      '`recommended`: the provider advises to stay below. `required`: delivery suffers above it. `review`: the provider reviews accounts above it. `pause`: the provider may pause sending above it.',
  })
  readonly level!: RateThreshold['level'];

  @ApiProperty({ format: 'uri', description: 'The page that publishes it.' })
  readonly url!: string;
}

@ApiSchema({ name: 'Rate' })
export class RateResponse implements Rate {
  @ApiProperty({ enum: RATE_NAMES })
  readonly name!: RateName;

  @ApiProperty({ type: 'integer', description: 'The number of events.' })
  readonly events!: number;

  @ApiProperty({
    enum: ['sent', 'outcomes', 'delivered'],
    description:
      'The base of the share. `sent`: messages that the vendor accepted. `outcomes`: deliveries and bounces, if there are more of them, because other systems send through the same account. `delivered`: deliveries.',
  })
  readonly base!: RateBase;

  @ApiProperty({ type: 'integer', description: 'The size of the base.' })
  readonly of!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      '`events` divided by `of`; null if the base is empty. Each open and click counts, so their rates may exceed 1.',
    example: 0.983,
  })
  readonly rate!: number | null;

  @ApiProperty({
    type: [RateThresholdResponse],
    description:
      'The limits that mailbox providers and vendors publish. They measure the rates among their own recipients, so compare with them as an estimate.',
  })
  readonly thresholds!: readonly RateThresholdResponse[];
}

@ApiSchema({ name: 'EventStats' })
export class EventStatsResponse extends EventCountsResponse implements EventStats {
  @ApiProperty({ enum: STATS_INTERVALS, nullable: true, type: String })
  readonly interval!: StatsInterval | null;

  @ApiProperty({
    format: 'date-time',
    description:
      'The beginning of the period: of an hour, or with `interval=day` and for more than 31 days of a day in UTC.',
  })
  readonly from!: Date;

  @ApiProperty({ format: 'date-time', description: 'Now, or the end of the hour or day of the parameter `to`.' })
  readonly to!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'When the last event that is counted was stored; null if none has been. Usually events are counted within a second.',
  })
  readonly updatedTo!: Date | null;

  @ApiProperty({ type: [RateResponse] })
  readonly rates!: readonly RateResponse[];

  @ApiProperty({
    type: [StatsBucketResponse],
    description:
      'Every hour or day of the period in its order, including those without events. Empty without `interval`.',
  })
  readonly buckets!: readonly StatsBucketResponse[];
}

/** The period that events are counted in. */
export class EventStatsQuery implements StatsQuery {
  @ApiPropertyOptional({
    enum: STATS_INTERVALS,
    description: 'Return the counts of each hour, for up to 31 days, or of each day in UTC, for up to 400 days.',
  })
  @IsOptional()
  @IsOneOf(STATS_INTERVALS)
  readonly interval?: StatsInterval;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Count events that happened at this time or later, from the beginning of its hour or day.',
    example: '2026-01-01T00:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly from?: Date;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Count events that happened before this time, to the end of its hour or day. Now by default.',
    example: '2026-02-01T00:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly to?: Date;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: STATS_DAYS.max,
    default: STATS_DAYS.default,
    description: 'The number of days up to `to`, instead of `from`.',
  })
  @IsOptional()
  @IsNumberParameter(STATS_DAYS.max)
  readonly days?: number;
}
