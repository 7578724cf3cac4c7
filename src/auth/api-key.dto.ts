import { InputField } from '@score-crm/adapter-kit';
import { type Scope, SCOPES } from '@score-crm/connections-http';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsIn, IsOptional, MaxLength } from 'class-validator';

/** How many connections a key can be restricted to. */
export const MAX_KEY_CONNECTIONS = 100;

export class CreateApiKey {
  @InputField({ label: 'Name', help: 'Shown in the list of keys.', example: 'Campaign service' })
  @MaxLength(200)
  readonly name!: string;

  @InputField({ label: 'Scope', help: 'Each scope includes the ones before it.', example: 'send', type: 'string' })
  @IsIn(SCOPES)
  readonly scope!: Scope;

  // An empty list is an error: it could mean all connections or none.
  @InputField({
    label: 'Connection IDs',
    help: 'The only connections that the key may use. Omit it, or send null, to allow all connections of the organization.',
    items: 'string',
    nullable: true,
  })
  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_KEY_CONNECTIONS)
  readonly connectionIds?: readonly string[] | null;

  @InputField({
    label: 'Expires at',
    help: 'When the key expires, which must be in the future. Omit it, or send null, for a key that does not expire.',
    example: '2027-06-30T00:00:00Z',
    type: 'time',
    nullable: true,
  })
  @IsOptional()
  readonly expiresAt?: Date | string | null;
}

@ApiSchema({ name: 'ApiKey' })
export class ApiKeyResponse {
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
    description: 'The only connections that the key may use. Null for all connections of the organization.',
  })
  readonly connectionIds!: readonly string[] | null;

  @ApiProperty({ description: 'The last four characters of the key.' })
  readonly hint!: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the key was last used, updated at most once a minute; null if it was never used.',
  })
  readonly lastUsedAt!: Date | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the key expires; null if it does not. An expired key is rejected with 401.',
  })
  readonly expiresAt!: Date | null;
}

@ApiSchema({ name: 'NewApiKey' })
export class NewApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({ description: 'The key itself. It is returned only once.', example: 'sk_…' })
  readonly key!: string;
}

export class ApiKeyList {
  @ApiProperty({ type: [ApiKeyResponse] })
  readonly data!: readonly ApiKeyResponse[];
}
