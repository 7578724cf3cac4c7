import { InputField } from '@score-crm/adapter-kit';
import { SENDING_MODES, type SendingMode } from '@score-crm/connections';
import { type Scope, SCOPES } from '@score-crm/connections-http';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { MaxLength } from 'class-validator';
import type { Principal } from './principal.ts';

export class CreateSession {
  @InputField({
    label: 'Token',
    help: 'An API key, or a JWT if the operator has configured JWT sign-in.',
    example: 'sk_…',
    secret: true,
  })
  @MaxLength(4096)
  readonly token!: string;
}

@ApiSchema({ name: 'Session' })
export class SessionResponse implements Omit<Principal, 'apiKeyId'> {
  @ApiProperty()
  readonly organization!: string;

  @ApiProperty({ description: 'Who you are in the audit log: `api-key:…` or `user:…`.' })
  readonly actor!: string;

  @ApiProperty({ enum: SCOPES, description: 'Each scope includes the ones before it.' })
  readonly scope!: Scope;

  @ApiProperty({
    type: [String],
    format: 'uuid',
    nullable: true,
    description: 'The only connections that you may use. Null for all connections of the organization.',
  })
  readonly connectionIds!: readonly string[] | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the session, JWT or API key expires. Null for an API key that does not expire.',
  })
  readonly expiresAt!: Date | null;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'Days that the data of a deleted connection is kept. Until then, late events are still recorded.',
    example: 30,
  })
  readonly deletedConnectionRetentionDays!: number;

  @ApiProperty({ enum: SENDING_MODES, description: 'The mode of the service. A connection may have a stricter one.' })
  readonly sendingMode!: SendingMode;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The address that receives the emails of all connections. Null unless the service redirects.',
  })
  readonly sendingRedirectTo!: string | null;
}
