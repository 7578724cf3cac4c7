import { SettingsField } from '@score-crm/adapter-kit';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
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
}

export class ApiKeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: SCOPES })
  readonly scope!: Scope;

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
