import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class Live {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}

export class UnreadableConnections {
  @ApiProperty()
  readonly count!: number;

  @ApiProperty({ type: [String], description: 'The first twenty.' })
  readonly ids!: readonly string[];
}

export class Ready {
  @ApiProperty({ enum: ['ok', 'degraded', 'unavailable'] })
  readonly status!: 'ok' | 'degraded' | 'unavailable';

  @ApiProperty({ enum: ['up', 'down'] })
  readonly database!: 'up' | 'down';

  @ApiPropertyOptional({ description: 'Connections that ENCRYPTION_KEYS cannot open.' })
  readonly unreadableConnections?: UnreadableConnections;
}
