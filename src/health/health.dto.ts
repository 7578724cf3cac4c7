import type { Readiness } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'Liveness' })
export class Live {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}

export class UnreadableConnections {
  @ApiProperty({ type: 'integer' })
  readonly count!: number;
}

@ApiSchema({ name: 'Readiness' })
export class Ready implements Readiness {
  @ApiProperty({
    enum: ['ok', 'degraded', 'unavailable'],
    description:
      '`degraded`: some connections or webhook endpoints cannot be decrypted. `unavailable`: the database does not answer, or none of them can be decrypted.',
  })
  readonly status!: Readiness['status'];

  @ApiProperty({
    enum: ['up', 'down', 'stuck'],
    description:
      '`stuck`: the oldest write has waited for the database for more than 30% of `DATABASE_TIMEOUT_MS`, or for more than 5 seconds.',
  })
  readonly database!: Readiness['database'];

  @ApiPropertyOptional({
    type: UnreadableConnections,
    description:
      'The connections and webhook endpoints that `ENCRYPTION_KEYS` cannot decrypt. The log lists their IDs.',
  })
  readonly unreadableConnections?: UnreadableConnections;
}
