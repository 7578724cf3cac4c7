import { SettingsField } from '@score-crm/adapter-kit';
import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { type Scope, SCOPES } from './scope.ts';

export class CreateSession {
  @ApiProperty({
    maxLength: 4096,
    description: 'An API key, or a JWT of the CRM where the operator has set that up.',
    example: 'sk_…',
  })
  @SettingsField({ label: 'Token', secret: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4096)
  readonly token!: string;
}

export class SessionView {
  @ApiProperty()
  readonly organization!: string;

  @ApiProperty({ description: 'api-key:… or user:…, as the audit names it.' })
  readonly actor!: string;

  @ApiProperty({ enum: SCOPES, description: 'Each scope includes the ones before it.' })
  readonly scope!: Scope;

  @ApiProperty({
    type: [String],
    format: 'uuid',
    nullable: true,
    description: 'The only connections that you may use; null for all connections of the organization.',
  })
  readonly connectionIds!: readonly string[] | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the session or the JWT ends; null for an API key in the header.',
  })
  readonly expiresAt!: Date | null;
}
