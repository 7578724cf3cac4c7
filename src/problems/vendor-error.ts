import {
  ADAPTER_ERROR_CODES,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type Fault,
  type Stage,
  STAGES,
} from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

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
