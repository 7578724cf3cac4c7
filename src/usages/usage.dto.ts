import { USAGE_CONSUMERS, USAGE_STATUSES } from '@score-crm/connections';
import { ApiProperty } from '@nestjs/swagger';

export class UsageCountsView {
  @ApiProperty({ description: 'Campaigns and journeys that have claimed the connection.' })
  readonly total!: number;

  @ApiProperty({ description: 'Those of them that are scheduled, running or paused.' })
  readonly active!: number;
}

export class ClaimUsage {
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Spring sale' })
  readonly name!: string;

  @ApiProperty({ enum: USAGE_STATUSES, description: 'How far the campaign or journey is. Any other one is refused.' })
  readonly status!: string;
}

export class BlockingUsage {
  @ApiProperty({ enum: USAGE_CONSUMERS })
  readonly consumer!: string;

  @ApiProperty({ description: 'The consumer’s own id of it.' })
  readonly ref!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: USAGE_STATUSES })
  readonly status!: string;
}

export class UsageView extends BlockingUsage {
  @ApiProperty({ description: 'Scheduled, running or paused: the connection cannot be deleted.' })
  readonly active!: boolean;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: Date;
}

export class UsageList {
  @ApiProperty({ type: [UsageView] })
  readonly data!: readonly UsageView[];
}
