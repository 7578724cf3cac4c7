import { ADAPTER_ERROR_CODES, STAGES } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const FAULTS = ['recipient', 'sender', 'vendor', 'configuration', 'network'];

/** Why a call to a vendor failed. */
export class VendorError {
  @ApiProperty({ enum: [...STAGES, 'webhook'] })
  readonly stage!: string;

  @ApiProperty({ enum: ADAPTER_ERROR_CODES })
  readonly code!: string;

  @ApiProperty({ enum: FAULTS, description: 'Who has to do something about it.' })
  readonly fault!: string;

  @ApiProperty({ description: 'Whether the same may succeed later with nothing changed.' })
  readonly retryable!: boolean;

  @ApiPropertyOptional()
  readonly retryAfterMs?: number;

  @ApiPropertyOptional({ description: 'The vendor’s HTTP status.' })
  readonly status?: number;

  @ApiPropertyOptional()
  readonly smtpCode?: number;

  @ApiPropertyOptional({ description: 'RFC 3463', example: '5.7.8' })
  readonly enhancedCode?: string;

  @ApiProperty({ description: 'What to do.' })
  readonly hint!: string;

  @ApiPropertyOptional({ description: 'The server’s own words.' })
  readonly reply?: string;

  @ApiPropertyOptional({ description: 'JSON pointer to the member of the message or the settings that is at fault.' })
  readonly pointer?: string;
}
