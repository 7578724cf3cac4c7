import {
  type CheckedAddress,
  decodeSuppressionCursor,
  type InvalidLine,
  type Page,
  type Suppression,
  SUPPRESSION_REASONS,
  type SuppressionImport,
  type SuppressionReason,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CURSOR, IsCursor, IsOneOf, IsRecipient, NEXT_CURSOR, PageQuery } from '../queries/parameter.decorators.ts';

const REASON: ApiPropertyOptions = {
  enum: [...SUPPRESSION_REASONS],
  enumName: 'SuppressionReason',
  description:
    'Why the address is suppressed. `hard_bounce`: it does not exist. `soft_bounce`: five messages in a row bounced temporarily. `complaint`: the recipient reported a message as spam. `unsubscribed`: the recipient unsubscribed at the vendor. `manual`: someone added it. `list_import`: it was imported.',
};

@ApiSchema({ name: 'Suppression' })
export class SuppressionResponse implements Suppression {
  @ApiProperty({ example: '1042' })
  readonly id!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'In lowercase, with the domain in ASCII. Null after the address was erased; it remains suppressed.',
    example: 'ada@example.com',
  })
  readonly address!: string | null;

  @ApiProperty(REASON)
  readonly reason!: SuppressionReason;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The ID of the event that caused it. Null if someone added the address.',
  })
  readonly eventId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The connection of the event.' })
  readonly connectionId!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the event occurred.' })
  readonly occurredAt!: Date | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Who added the address. Null if only events have suppressed it.',
    example: 'user:42',
  })
  readonly addedBy!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The note of the one who added it.' })
  readonly note!: string | null;

  @ApiProperty({ format: 'date-time', description: 'When the address was suppressed.' })
  readonly createdAt!: Date;
}

export class SuppressionPage implements Page<Suppression> {
  @ApiProperty({ type: [SuppressionResponse] })
  readonly data!: readonly SuppressionResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

/** Which suppressions to list. */
export class SuppressionListQuery extends PageQuery {
  @ApiPropertyOptional({ enum: [...SUPPRESSION_REASONS], description: 'Return only suppressions with this reason.' })
  @IsOptional()
  @IsOneOf(SUPPRESSION_REASONS)
  readonly reason?: SuppressionReason;

  @ApiPropertyOptional({ description: 'Return only the suppression of this address, in any spelling.' })
  @IsOptional()
  @IsRecipient()
  readonly address?: string;

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeSuppressionCursor)
  readonly cursor?: string;
}

@ApiSchema({ name: 'CheckedAddress' })
export class CheckedAddressResponse implements CheckedAddress {
  @ApiProperty({ description: 'The address as you sent it.' })
  readonly address!: string;

  @ApiProperty({
    enum: [...SUPPRESSION_REASONS, null],
    type: String,
    nullable: true,
    description: 'Why the address is suppressed. Null if it is not.',
  })
  readonly reason!: SuppressionReason | null;
}

export class CheckedAddressList {
  @ApiProperty({ type: [CheckedAddressResponse], description: 'In the order of your list.' })
  readonly data!: readonly CheckedAddressResponse[];
}

@ApiSchema({ name: 'InvalidLine' })
class InvalidLineResponse implements InvalidLine {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The number of the line.' })
  readonly line!: number;

  @ApiProperty({ description: 'What is wrong and what to do.' })
  readonly reason!: string;
}

@ApiSchema({ name: 'SuppressionImport' })
export class SuppressionImportResponse implements SuppressionImport {
  @ApiProperty({ type: 'integer', description: 'The number of addresses that are suppressed now and were not before.' })
  readonly added!: number;

  @ApiProperty({
    type: 'integer',
    description: 'The number of addresses that were suppressed before, or that are in the file more than once.',
  })
  readonly alreadySuppressed!: number;

  @ApiProperty({ type: 'integer', description: 'The number of lines without a valid address. They were skipped.' })
  readonly invalid!: number;

  @ApiProperty({ type: [InvalidLineResponse], description: 'The first 100 of these lines.' })
  readonly invalidLines!: readonly InvalidLineResponse[];
}
