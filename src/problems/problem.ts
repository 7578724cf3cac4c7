import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import {
  type Usage,
  USAGE_CONSUMERS,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageStatus,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { VendorError } from './vendor-error.ts';

/** One problem of a request. */
@ApiSchema({ name: 'FieldError' })
export class ProblemFault {
  @ApiProperty({
    description: 'JSON pointer (RFC 6901) to a field of the body, or `/name` of a query parameter.',
    example: '/settings/port',
  })
  readonly pointer!: string;

  @ApiProperty({ description: 'A stable error code.', example: 'out_of_range' })
  readonly code!: string;

  @ApiProperty({ description: 'What happened, and what to do.' })
  readonly message!: string;
}

/** A campaign or journey that prevents the deletion of a connection. */
export class BlockingUsage implements Pick<Usage, 'consumer' | 'ref' | 'name' | 'status'> {
  @ApiProperty({ enum: USAGE_CONSUMERS })
  readonly consumer!: UsageConsumer;

  @ApiProperty({ description: 'The id of the campaign or journey in the system that claimed the connection.' })
  readonly ref!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: USAGE_STATUSES })
  readonly status!: UsageStatus;
}

/** Problem details (RFC 9457), with a stable `code` beside them. */
export class Problem {
  @ApiProperty({ example: 'about:blank' })
  readonly type!: string;

  @ApiProperty({ example: 'Unprocessable Content' })
  readonly title!: string;

  @ApiProperty({ type: 'integer', example: 422 })
  readonly status!: number;

  @ApiProperty({ description: 'A stable error code.', example: 'invalid_input' })
  readonly code!: string;

  @ApiProperty({ description: 'What happened, and what to do.' })
  readonly detail!: string;

  @ApiPropertyOptional({ type: [ProblemFault] })
  readonly errors?: readonly ProblemFault[];

  @ApiPropertyOptional({ type: VendorError, description: 'Why a call to the vendor failed.' })
  readonly error?: AdapterErrorDetails;

  @ApiPropertyOptional({
    type: [BlockingUsage],
    description:
      'With `connection_in_use`: the first 100 campaigns and journeys that are scheduled, running or paused.',
  })
  readonly usages?: readonly BlockingUsage[];

  @ApiProperty({ description: 'The request id, which the service also writes to its log.' })
  readonly requestId!: string;
}
