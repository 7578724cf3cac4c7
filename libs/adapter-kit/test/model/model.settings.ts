import { SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class ModelSettings {
  @SettingsField({ label: 'API key', secret: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  @Matches(/^[\x21-\x7e]*$/)
  apiKey!: string;

  @SettingsField({
    label: 'Region',
    bindsSecret: true,
    options: [
      { value: 'eu', label: 'Europe' },
      { value: 'us', label: 'America' },
    ],
  })
  @IsIn(['eu', 'us'])
  region: 'eu' | 'us' = 'eu';

  @SettingsField({
    label: 'Route',
    options: [
      { value: 'shared', label: 'Shared servers' },
      { value: 'pool', label: 'Dedicated pool' },
    ],
  })
  @IsIn(['shared', 'pool'])
  route: 'shared' | 'pool' = 'shared';

  @SettingsField({ label: 'Pool', showIf: { field: 'route', in: ['pool'] } })
  @IsString()
  @IsNotEmpty()
  // Part of a path, where encodeURIComponent would leave “..” unchanged.
  @Matches(/^[\w-]*$/, { message: '$property must consist of letters, digits, - and _' })
  pool?: string;

  @SettingsField({ label: 'Webhook secret', secret: true, inboundOnly: true, generated: true })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  webhookSecret?: string;
}
