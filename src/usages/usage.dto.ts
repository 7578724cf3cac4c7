import {
  type Usage,
  USAGE_CONSUMERS,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageCounts,
  type UsageStatus,
} from '@score-crm/connections';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'UsageCounts' })
export class UsageCountsResponse implements UsageCounts {
  @ApiProperty({ type: 'integer', description: 'The number of campaigns and journeys that claimed the connection.' })
  readonly total!: number;

  @ApiProperty({ type: 'integer', description: 'How many of them are scheduled, running or paused.' })
  readonly active!: number;
}

export class BlockingUsage implements Pick<Usage, 'consumer' | 'ref' | 'name' | 'status'> {
  @ApiProperty({ enum: USAGE_CONSUMERS })
  readonly consumer!: UsageConsumer;

  @ApiProperty({ description: 'The id of the campaign or journey in the system that claimed the connection.' })
  readonly ref!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: USAGE_STATUSES })
  readonly status!: UsageStatus;
}

@ApiSchema({ name: 'Usage' })
export class UsageResponse extends BlockingUsage implements Usage {
  @ApiProperty({
    description:
      'Whether the campaign or journey is scheduled, running or paused. The connection cannot be deleted then.',
  })
  readonly active!: boolean;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: Date;
}

export class UsageList {
  @ApiProperty({ type: [UsageResponse] })
  readonly data!: readonly UsageResponse[];
}
