import {
  type CheckStatus,
  type Diagnosis,
  type DiagnosisChecks,
  type DiagnosisStage,
  type DiagnosisWarning,
  type RejectedRecipient,
  type SendResult,
  type Stage,
  STAGES,
  WARNING_CODES,
  type WarningCode,
} from '@score-crm/adapter-kit';
import type { ConnectionTest, UnsavedConnectionTest } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { VendorError } from '../problems/problem.dto.ts';

const CHECK = { enum: ['passed', 'failed', 'skipped'] };

export class TestStage implements DiagnosisStage {
  @ApiProperty({ enum: STAGES })
  readonly stage!: Stage;

  @ApiProperty(CHECK)
  readonly status!: CheckStatus;

  @ApiPropertyOptional({ description: 'What the test observed at this stage.', example: 'TLSv1.3' })
  readonly detail?: string;
}

export class TestChecks implements DiagnosisChecks {
  @ApiProperty(CHECK)
  readonly connectivity!: CheckStatus;

  @ApiProperty(CHECK)
  readonly authentication!: CheckStatus;

  @ApiProperty(CHECK)
  readonly sendPermission!: CheckStatus;

  @ApiProperty(CHECK)
  readonly fromAddress!: CheckStatus;
}

export class TestWarning implements DiagnosisWarning {
  @ApiProperty({ enum: WARNING_CODES })
  readonly code!: WarningCode;

  @ApiProperty({ description: 'What to do.' })
  readonly hint!: string;

  @ApiPropertyOptional({
    description: 'JSON pointer (RFC 6901) to the field that the warning is about.',
    example: '/settings/username',
  })
  readonly pointer?: string;
}

@ApiSchema({ name: 'RejectedRecipient' })
export class RejectedRecipientResponse implements RejectedRecipient {
  @ApiProperty({ description: 'The address.' })
  readonly recipient!: string;

  @ApiProperty({ type: VendorError })
  readonly error!: VendorError;
}

@ApiSchema({ name: 'SentMessage' })
export class SentMessageResponse implements SendResult {
  @ApiProperty({
    description:
      'The message ID of the vendor. The events of the message carry the same ID. Messages of a batch may share one: their recipients then differ.',
  })
  readonly messageId!: string;

  @ApiProperty({ type: [String], description: 'The addresses that the vendor accepted.' })
  readonly accepted!: readonly string[];

  @ApiProperty({ type: [RejectedRecipientResponse], description: 'The addresses that the vendor rejected, and why.' })
  readonly rejected!: readonly RejectedRecipientResponse[];
}

@ApiSchema({ name: 'Diagnosis' })
export class DiagnosisResponse implements Diagnosis {
  @ApiProperty({
    description: 'True if no stage failed. If a test message was sent, the vendor accepted it for every recipient.',
  })
  readonly ok!: boolean;

  @ApiProperty({ type: 'integer', description: 'How long the test took, in milliseconds.' })
  readonly durationMs!: number;

  @ApiProperty({ type: [TestStage], description: 'Every stage, in order. Stages after a failure are skipped.' })
  readonly stages!: readonly TestStage[];

  @ApiProperty({ type: TestChecks })
  readonly checks!: TestChecks;

  @ApiProperty({ type: [TestWarning], description: 'Problems that do not prevent sending.' })
  readonly warnings!: readonly TestWarning[];

  @ApiPropertyOptional({ type: VendorError, description: 'The first failure.' })
  readonly error?: VendorError;

  @ApiPropertyOptional({ type: SentMessageResponse, description: 'The result of sending the test message.' })
  readonly sent?: SentMessageResponse;
}

@ApiSchema({ name: 'ConnectionTest' })
export class ConnectionTestResponse implements ConnectionTest {
  @ApiProperty({ format: 'date-time' })
  readonly testedAt!: Date;

  @ApiProperty({ type: DiagnosisResponse })
  readonly diagnosis!: DiagnosisResponse;
}

@ApiSchema({ name: 'UnsavedConnectionTest' })
export class UnsavedConnectionTestResponse extends ConnectionTestResponse implements UnsavedConnectionTest {
  @ApiProperty({
    format: 'uuid',
    description:
      'Send it when you create or update a connection within an hour: if vendor, settings, secrets and sender are those that were tested, the test is recorded with the connection. Otherwise it is ignored.',
  })
  readonly testId!: string;
}

export class ConnectionTestList {
  @ApiProperty({ type: [ConnectionTestResponse] })
  readonly data!: readonly ConnectionTestResponse[];
}
