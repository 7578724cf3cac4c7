import { decodeCursor } from '@score-crm/connections';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CURSOR, PageQuery } from '../queries/page.query.ts';
import { IsCursor, IsTextParameter, IsVendor } from '../queries/parameter.decorators.ts';

/** Which connections to list. */
export class ConnectionListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Return only connections of this vendor.' })
  @IsOptional()
  @IsVendor()
  readonly vendor?: string;

  @ApiPropertyOptional({ description: 'Part of the name or of the sender address.', maxLength: 320 })
  @IsOptional()
  @IsTextParameter(320)
  readonly search?: string;

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeCursor)
  readonly cursor?: string;
}
