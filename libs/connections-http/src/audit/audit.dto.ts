import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, decodeCursor, type Page } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import {
  CURSOR,
  IsCursor,
  IsOneOf,
  IsTextParameter,
  IsTimeParameter,
  NEXT_CURSOR,
  PageQuery,
} from '../queries/parameter.decorators.ts';

const MAX_ACTOR = 200;
const MAX_ID = 36;

@ApiSchema({ name: 'AuditEntry' })
export class AuditEntryResponse implements AuditEntry {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly happenedAt!: Date;

  @ApiProperty({
    description:
      'Who did it: `api-key:` and the ID of the key, `user:` and the subject of the JWT, or the task of the service: `purge` or `outgoing-webhooks`.',
    example: 'user:42',
  })
  readonly actor!: string;

  @ApiProperty({ enum: AUDIT_ACTIONS })
  readonly action!: AuditAction;

  @ApiProperty({
    description:
      'The ID of the connection, API key, erasure or webhook endpoint. `unsaved` for a test of values that belong to no connection.',
  })
  readonly subject!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The name of the connection. Null if it was purged, or the entry is not about a connection.',
  })
  readonly connectionName!: string | null;

  @ApiProperty({
    type: [String],
    description: 'The names of what changed, without values.',
    example: ['name', 'settings.host'],
  })
  readonly fields!: readonly string[];
}

export class AuditPage implements Page<AuditEntry> {
  @ApiProperty({ type: [AuditEntryResponse] })
  readonly data!: readonly AuditEntryResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

/** Which audit entries to list. */
export class AuditListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Return only entries about the connection with this ID, which may be deleted.' })
  @IsOptional()
  @IsTextParameter(MAX_ID)
  readonly connection?: string;

  @ApiPropertyOptional({ description: 'Return only entries of this actor.', example: 'user:42' })
  @IsOptional()
  @IsTextParameter(MAX_ACTOR)
  readonly actor?: string;

  @ApiPropertyOptional({ enum: AUDIT_ACTIONS, description: 'Return only entries of this action.' })
  @IsOptional()
  @IsOneOf(AUDIT_ACTIONS)
  readonly action?: AuditAction;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return only entries of this time or later.',
    example: '2026-01-31T08:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly from?: Date;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return only entries before this time.',
    example: '2026-01-31T09:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly to?: Date;

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeCursor)
  readonly cursor?: string;
}
