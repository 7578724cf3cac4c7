import { type Diagnosis, STAGES, WARNING_CODES } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VendorError } from '../problems/vendor-error.ts';

const CHECK = { enum: ['passed', 'failed', 'skipped'] };

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
  @ApiProperty({ enum: WARNING_CODES })
  readonly code!: string;

  @ApiProperty()
  readonly hint!: string;

  @ApiPropertyOptional({
    description: 'The field that the warning is about, as a JSON pointer.',
    example: '/settings/username',
  })
  readonly pointer?: string;
}

export class RejectedRecipientView {
  @ApiProperty()
  readonly recipient!: string;

  @ApiProperty()
  readonly error!: VendorError;
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
  readonly error?: VendorError;

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
