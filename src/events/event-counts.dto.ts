import { ApiProperty } from '@nestjs/swagger';

export class EventCountsView {
  @ApiProperty({ format: 'date-time' })
  readonly from!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly to!: Date;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { sent: 1200, delivered: 1180, bounced: 12 },
    description:
      'By kind; one that did not happen is absent. Events of other systems, of tests and opens by machines do not count.',
  })
  readonly counts!: Readonly<Record<string, number>>;
}
