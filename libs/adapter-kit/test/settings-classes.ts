import { IsHostname, SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Max, MaxLength, Min, MinLength } from 'class-validator';

/** A vendor's fields with one of everything. */
export class ExampleSettings {
  @SettingsField({ label: 'Host', help: 'The mail server.', group: 'Server', bindsSecret: true })
  @IsHostname()
  host!: string;

  @SettingsField({ label: 'Port' })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port: number = 587;

  @SettingsField({ label: 'Encrypted' })
  secure: boolean = true;

  @SettingsField({
    label: 'Authentication',
    options: [
      { value: 'password', label: 'User name and password' },
      { value: 'none', label: 'None' },
    ],
  })
  authentication: 'password' | 'none' = 'password';

  @SettingsField({ label: 'User name', showIf: { field: 'authentication', in: ['password'] } })
  @IsString()
  @IsNotEmpty()
  @MaxLength(20)
  username?: string;

  @SettingsField({ label: 'Password', secret: true, showIf: { field: 'authentication', in: ['password'] } })
  @IsString()
  @IsNotEmpty()
  @MinLength(4)
  password?: string;

  @SettingsField({ label: 'Mechanism', showIf: { field: 'authentication', in: ['password'] } })
  @IsIn(['plain', 'login'])
  mechanism: string = 'plain';

  @SettingsField({ label: 'Certificate', multiline: true, advanced: true })
  @IsOptional()
  @IsString()
  certificate?: string;

  @SettingsField({ label: 'Base URL' })
  @IsOptional()
  @IsUrl()
  url?: string;

  @SettingsField({ label: 'Connections' })
  @IsOptional()
  @Min(1)
  connections?: number;

  @SettingsField({ label: 'Note' })
  @IsOptional()
  @IsNotEmpty()
  note?: string;
}

export const VALID = { host: 'smtp.example.com', username: 'user', password: 'secret' };
