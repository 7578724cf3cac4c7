import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BlockingUsage } from '../usages/usage.dto.ts';
import { VendorError } from './vendor-error.ts';

/** One fault of a request. */
export class ProblemFault {
  @ApiProperty({
    description: 'JSON pointer (RFC 6901) into the body, or /name of a query parameter.',
    example: '/settings/port',
  })
  readonly pointer!: string;

  @ApiProperty({ description: 'Stable.', example: 'out_of_range' })
  readonly code!: string;

  @ApiProperty({ description: 'What is wrong and what to do.' })
  readonly message!: string;
}

/** Problem details (RFC 9457), with a stable `code` beside them. */
export class Problem {
  @ApiProperty({ example: 'about:blank' })
  readonly type!: string;

  @ApiProperty({ example: 'Unprocessable Content' })
  readonly title!: string;

  @ApiProperty({ example: 422 })
  readonly status!: number;

  @ApiProperty({ description: 'Stable.', example: 'invalid_input' })
  readonly code!: string;

  @ApiProperty({ description: 'What is wrong and what to do.' })
  readonly detail!: string;

  @ApiPropertyOptional({ type: [ProblemFault] })
  readonly errors?: readonly ProblemFault[];

  @ApiPropertyOptional({ type: VendorError, description: 'What the vendor said, where it had a say.' })
  readonly error?: AdapterErrorDetails;

  @ApiPropertyOptional({
    type: [BlockingUsage],
    description:
      'Of `connection_in_use`: the first hundred campaigns and journeys that are scheduled, running or paused.',
  })
  readonly usages?: readonly BlockingUsage[];

  @ApiProperty({ description: 'The id of the request, by which the logs are searched.' })
  readonly requestId!: string;
}
