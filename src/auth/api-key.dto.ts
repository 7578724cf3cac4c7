import { SettingsField } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { MAX_KEY_CONNECTIONS } from './api-keys.service.ts';
import { type Scope, SCOPES } from './scope.ts';

export class CreateApiKey {
  @ApiProperty({ maxLength: 200, example: 'Campaign service' })
  @SettingsField({ label: 'Name' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  readonly name!: string;

  @ApiProperty({ enum: SCOPES, description: 'Each scope includes the ones before it.' })
  @SettingsField({ label: 'Scope' })
  @IsIn(SCOPES)
  readonly scope!: string;

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    nullable: true,
    minItems: 1,
    maxItems: MAX_KEY_CONNECTIONS,
    description: 'The only connections that the key may use. Null or absent: all connections of the organization.',
  })
  readonly connectionIds?: readonly string[] | null;
}

export class ApiKeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: SCOPES })
  readonly scope!: Scope;

  @ApiProperty({
    type: [String],
    format: 'uuid',
    nullable: true,
    description: 'The only connections that the key may use; null for all connections of the organization.',
  })
  readonly connectionIds!: readonly string[] | null;

  @ApiProperty({ description: 'The last four characters of the key.' })
  readonly hint!: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;
}

export class NewApiKeyView extends ApiKeyView {
  @ApiProperty({ description: 'Shown this once.', example: 'sk_…' })
  readonly key!: string;
}

export class ApiKeyList {
  @ApiProperty({ type: [ApiKeyView] })
  readonly data!: readonly ApiKeyView[];
}
