import { type Usage, type UsageCounts } from '@score-crm/connections';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { BlockingUsage } from '../problems/problem.dto.ts';

@ApiSchema({ name: 'UsageCounts' })
export class UsageCountsResponse implements UsageCounts {
  @ApiProperty({ type: 'integer', description: 'The number of campaigns and journeys that claimed the connection.' })
  readonly total!: number;

  @ApiProperty({ type: 'integer', description: 'How many of them are scheduled, running or paused.' })
  readonly active!: number;
}

@ApiSchema({ name: 'Usage' })
export class UsageResponse extends BlockingUsage implements Usage {
  @ApiProperty({
    description:
      'Whether the campaign or journey is scheduled, running or paused. The connection can be neither deleted nor disabled then.',
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
