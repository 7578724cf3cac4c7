import { PAGE_LIMITS } from '@score-crm/connections';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsNumberParameter } from './parameter.decorators.ts';

/** The parameters of every list. */
export abstract class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: PAGE_LIMITS.max,
    default: PAGE_LIMITS.default,
    description: 'The maximum number of items to return.',
  })
  @IsOptional()
  @IsNumberParameter(PAGE_LIMITS.max)
  readonly limit?: number;
}

export const CURSOR = { description: '`nextCursor` of the previous page.' };
