import { ADAPTER_ERROR_CODES, type Diagnosis, STAGES } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const CHECK = { enum: ['passed', 'failed', 'skipped'] };
const FAULTS = ['recipient', 'sender', 'vendor', 'configuration', 'network'];

export class TestError {
  @ApiProperty({ enum: STAGES })
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
}

export class TestStage {
  @ApiProperty({ enum: STAGES })
  readonly stage!: string;

  @ApiProperty(CHECK)
  readonly status!: string;

  @ApiPropertyOptional({ example: 'TLSv1.3' })
  readonly detail?: string;
}

export class TestChecks {
  @ApiProperty(CHECK)
  readonly connectivity!: string;

  @ApiProperty(CHECK)
  readonly authentication!: string;

  @ApiProperty(CHECK)
  readonly sendPermission!: string;

  @ApiProperty(CHECK)
  readonly fromAddress!: string;
}

export class TestWarning {
  @ApiProperty({ enum: ['password_in_clear', 'port_mode_mismatch', 'not_encrypted'] })
  readonly code!: string;

  @ApiProperty()
  readonly hint!: string;
}

export class RejectedRecipientView {
  @ApiProperty()
  readonly recipient!: string;

  @ApiProperty()
  readonly error!: TestError;
}

export class TestSent {
  @ApiProperty()
  readonly messageId!: string;

  @ApiProperty({ type: [String] })
  readonly accepted!: readonly string[];

  @ApiProperty({ type: [RejectedRecipientView] })
  readonly rejected!: readonly RejectedRecipientView[];
}

export class DiagnosisView {
  @ApiProperty({ description: 'True if nothing failed; a test message was then accepted for every recipient.' })
  readonly ok!: boolean;

  @ApiProperty()
  readonly durationMs!: number;

  @ApiProperty({ type: [TestStage] })
  readonly stages!: readonly TestStage[];

  @ApiProperty()
  readonly checks!: TestChecks;

  @ApiProperty({ type: [TestWarning] })
  readonly warnings!: readonly TestWarning[];

  @ApiPropertyOptional({ description: 'The first failure.' })
  readonly error?: TestError;

  @ApiPropertyOptional({ description: 'What became of the test message, where one was sent.' })
  readonly sent?: TestSent;
}

export class ConnectionTestView {
  @ApiProperty({ format: 'date-time' })
  readonly testedAt!: Date;

  @ApiProperty({ type: DiagnosisView })
  readonly diagnosis!: Diagnosis;
}

export class ConnectionTestList {
  @ApiProperty({ type: [ConnectionTestView] })
  readonly data!: readonly ConnectionTestView[];
}

export class TestRequest {
  @ApiPropertyOptional({
    type: [String],
    maxItems: 10,
    description: 'Recipients of a test message; without them nothing is sent.',
  })
  readonly to?: readonly string[];
}
