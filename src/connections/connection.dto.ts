import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { UsageCountsView } from '../usages/usage.dto.ts';
import { STATE } from '../webhooks/connection-webhook.dto.ts';

export class SecretView {
  @ApiProperty({ enum: [true] })
  readonly set!: true;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The last four characters; null for a secret shorter than 16.',
  })
  readonly hint!: string | null;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;
}

export class LastTestView {
  @ApiProperty({ format: 'date-time' })
  readonly testedAt!: string;

  @ApiProperty()
  readonly ok!: boolean;

  @ApiPropertyOptional({ description: 'The code of the failure.' })
  readonly code?: string;

  @ApiPropertyOptional({ description: 'Who has to do something about it.' })
  readonly fault?: string;
}

export class ConnectionWebhookView {
  @ApiProperty({ description: 'Whether the vendor has webhooks.' })
  readonly supported!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Where the vendor posts; null where PUBLIC_URL is not set.',
  })
  readonly url!: string | null;

  @ApiProperty(STATE)
  readonly state!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly lastEventAt!: Date | null;
}

@ApiExtraModels(SecretView)
export class ConnectionView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ example: 'smtp' })
  readonly vendor!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The values of the fields that are not secret.',
  })
  readonly settings!: object;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/SecretView' },
    description: 'The secrets that are set, by field; never their values.',
  })
  readonly secrets!: Readonly<Record<string, SecretView>>;

  @ApiProperty({ type: String, nullable: true })
  readonly fromEmail!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly fromName!: string | null;

  @ApiProperty({
    type: [String],
    description:
      'The domains that messages may be from: example.com, or *.example.com for all domains below it. Empty: any domain.',
    example: ['example.com', '*.example.com'],
  })
  readonly allowedSenderDomains!: readonly string[];

  @ApiProperty({ type: LastTestView, nullable: true })
  readonly lastTest!: LastTestView | null;

  @ApiProperty({ type: ConnectionWebhookView })
  readonly webhook!: ConnectionWebhookView;

  @ApiProperty({ type: UsageCountsView })
  readonly usages!: UsageCountsView;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: Date;

  @ApiProperty({ description: 'Counts up with every change; the ETag.' })
  readonly version!: number;
}

export class ConnectionPage {
  @ApiProperty({ type: [ConnectionView] })
  readonly data!: readonly ConnectionView[];

  @ApiProperty({ type: String, nullable: true, description: 'Leads to the next page; null on the last one.' })
  readonly nextCursor!: string | null;
}
