import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import { decodeEventCursor } from '@score-crm/connections';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CURSOR, PageQuery } from '../queries/page.query.ts';
import { IsCursor, IsOneOf, IsRecipient } from '../queries/parameter.decorators.ts';

/** Which events to list. */
export class EventListQuery extends PageQuery {
  @ApiPropertyOptional({ enum: EVENT_KINDS, description: 'Return only events of this kind.' })
  @IsOptional()
  @IsOneOf(EVENT_KINDS)
  readonly kind?: EventKind;

  @ApiPropertyOptional({ description: 'Return only events of this recipient: a complete email address.' })
  @IsOptional()
  @IsRecipient()
  readonly recipient?: string;

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeEventCursor)
  readonly cursor?: string;
}
