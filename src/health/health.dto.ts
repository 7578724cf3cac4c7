import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class Live {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}

export class UnreadableConnections {
  @ApiProperty()
  readonly count!: number;
}

export class Ready {
  @ApiProperty({ enum: ['ok', 'degraded', 'unavailable'] })
  readonly status!: 'ok' | 'degraded' | 'unavailable';

  @ApiProperty({
    enum: ['up', 'down', 'stuck'],
    description:
      '`stuck`: the oldest write has been waiting for the database for more than 30 % of DATABASE_TIMEOUT_MS, or more than 5 seconds.',
  })
  readonly database!: 'up' | 'down' | 'stuck';

  @ApiPropertyOptional({ description: 'Connections that ENCRYPTION_KEYS cannot decrypt. The log lists them.' })
  readonly unreadableConnections?: UnreadableConnections;
}
