import { InputField } from '@score-crm/adapter-kit';
import { ArrayMaxSize, ArrayMinSize, IsIn, IsOptional, MaxLength } from 'class-validator';
import { type Scope, SCOPES } from './scope.ts';

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
    label: 'Connection ids',
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
