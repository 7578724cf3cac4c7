import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ApiKey, NewApiKey } from './api-keys.service.ts';
import { type Scope, SCOPES } from './scope.ts';

@ApiSchema({ name: 'ApiKey' })
export class ApiKeyResponse implements ApiKey {
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
export class NewApiKeyResponse extends ApiKeyResponse implements NewApiKey {
  @ApiProperty({ description: 'The key itself. It is returned only once.', example: 'sk_…' })
  readonly key!: string;
}

export class ApiKeyList {
  @ApiProperty({ type: [ApiKeyResponse] })
  readonly data!: readonly ApiKeyResponse[];
}
