import {
  ADAPTER_ERROR_CODES,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type Fault,
  type Stage,
  STAGES,
} from '@score-crm/adapter-kit';
import {
  type ProblemDetails,
  type Usage,
  USAGE_CONSUMERS,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageStatus,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

const FAULTS = ['recipient', 'sender', 'vendor', 'configuration', 'network'];

/** Why a call to a vendor failed. */
export class VendorError implements AdapterErrorDetails {
  @ApiProperty({ enum: [...STAGES, 'webhook'], description: 'The stage at which the call failed.' })
  readonly stage!: Stage;

  @ApiProperty({ enum: ADAPTER_ERROR_CODES, description: 'A stable error code.' })
  readonly code!: AdapterErrorCode;

  @ApiProperty({ enum: FAULTS, description: 'Which side must act to fix the error.' })
  readonly fault!: Fault;

  @ApiProperty({ description: 'Whether the same call may succeed later without any change.' })
  readonly retryable!: boolean;

  @ApiPropertyOptional({ type: 'integer', description: 'How long the vendor asks to wait, in milliseconds.' })
  readonly retryAfterMs?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'The HTTP status of the vendor response.', example: 401 })
  readonly status?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'The SMTP reply code.', example: 535 })
  readonly smtpCode?: number;

  @ApiPropertyOptional({ description: 'The enhanced status code (RFC 3463).', example: '5.7.8' })
  readonly enhancedCode?: string;

  @ApiProperty({ description: 'What to do.' })
  readonly hint!: string;

  @ApiPropertyOptional({ description: 'The vendor response, at most 500 characters.' })
  readonly reply?: string;

  @ApiPropertyOptional({
    description: 'JSON pointer (RFC 6901) to the field of the message or settings that caused it.',
  })
  readonly pointer?: string;
}

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

/** A campaign or journey that needs the connection. */
export class BlockingUsage implements Pick<Usage, 'consumer' | 'ref' | 'name' | 'status'> {
  @ApiProperty({ enum: USAGE_CONSUMERS })
  readonly consumer!: UsageConsumer;

  @ApiProperty({ description: 'The ID of the campaign or journey in the system that claimed the connection.' })
  readonly ref!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: USAGE_STATUSES })
  readonly status!: UsageStatus;
}

/** Problem details (RFC 9457), with a stable `code` beside them. */
export class ProblemBody implements ProblemDetails {
  @ApiProperty({ example: 'about:blank' })
  readonly type!: 'about:blank';

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
}

/** The body of an error. */
export class Problem extends ProblemBody {
  @ApiProperty({ description: 'The request ID, which the service also writes to its log.' })
  readonly requestId!: string;
}
