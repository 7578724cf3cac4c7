import { ApiProperty } from '@nestjs/swagger';

export class WebhookResponse {
  @ApiProperty({ description: 'Events that were stored.' })
  readonly accepted!: number;

  @ApiProperty({ description: 'Events that were known already.' })
  readonly duplicates!: number;
}

export class WebhookProbeResponse {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}
