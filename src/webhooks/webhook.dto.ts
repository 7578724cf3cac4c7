import { ApiProperty } from '@nestjs/swagger';

export class WebhookAnswer {
  @ApiProperty({ description: 'Events that were stored.' })
  readonly accepted!: number;

  @ApiProperty({ description: 'Events that were known already.' })
  readonly duplicates!: number;
}

export class WebhookProbeAnswer {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}
