import type { EventCounts } from '@score-crm/connections';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'EventCounts' })
export class EventCountsResponse implements EventCounts {
  @ApiProperty({ format: 'date-time' })
  readonly from!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly to!: Date;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { sent: 1200, delivered: 1180, bounced: 12 },
    description:
      'The number of events by kind. Kinds without events are omitted. Events of other systems, events of tests and opens by machines are not counted.',
  })
  readonly counts!: EventCounts['counts'];
}
