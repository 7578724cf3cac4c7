import type { Stored } from '@score-crm/connections';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'WebhookReceipt' })
export class WebhookReceiptResponse implements Stored {
  @ApiProperty({ type: 'integer', description: 'The number of events that were stored.' })
  readonly accepted!: number;

  @ApiProperty({ type: 'integer', description: 'The number of events that had been stored before.' })
  readonly duplicates!: number;
}

@ApiSchema({ name: 'WebhookProbe' })
export class WebhookProbeResponse {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}
