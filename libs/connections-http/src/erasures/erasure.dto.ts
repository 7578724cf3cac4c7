import type { Erasure, ErasureState } from '@score-crm/connections';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'Erasure' })
export class ErasureResponse implements Erasure {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({
    enum: ['pending', 'running', 'completed', 'failed'],
    description:
      'An erasure is completed after it has run twice, two minutes after the request: until then, other instances may store the address again. After `failed`, request it again.',
  })
  readonly state!: ErasureState;

  @ApiProperty({ format: 'date-time', description: 'When the erasure of this address was last requested.' })
  readonly requestedAt!: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly completedAt!: Date | null;

  @ApiProperty({ type: 'integer', description: 'The number of events from which the recipient was removed.' })
  readonly events!: number;

  @ApiProperty({
    type: 'integer',
    description: 'The number of bodies of webhook requests and sent messages from which the address was removed.',
  })
  readonly bodies!: number;

  @ApiProperty({
    type: 'integer',
    description: 'The number of webhook requests with the address in a reason, a parameter or a header.',
  })
  readonly deliveries!: number;

  @ApiProperty({ type: 'integer', description: 'The number of test results that were changed or deleted.' })
  readonly tests!: number;
}
