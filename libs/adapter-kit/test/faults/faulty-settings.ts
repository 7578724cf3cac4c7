import { SettingsField } from '@score-crm/adapter-kit';
import { IsOptional, IsString } from 'class-validator';
import { ModelSettings } from '../model/model.settings.ts';

export class UndeclaredSettings extends ModelSettings {
  debug: boolean = false;
}

export class OptionalKeySettings extends ModelSettings {
  @SettingsField({ label: 'API key', secret: true })
  @IsOptional()
  override apiKey!: string;
}

export class MisspeltConditionSettings extends ModelSettings {
  @SettingsField({ label: 'Pool', showIf: { field: 'route', in: ['pools'] } })
  override pool?: string;
}

export class OpenKeySettings extends ModelSettings {
  @SettingsField({ label: 'API key' })
  override apiKey!: string;
}

/** The name does not suggest a secret. */
export class OpenAccountSettings extends ModelSettings {
  @SettingsField({ label: 'Account' })
  @IsString()
  account: string = 'model-key_w0rks/for+everything';
}

export class UnboundRegionSettings extends ModelSettings {
  @SettingsField({
    label: 'Region',
    options: [
      { value: 'eu', label: 'Europe' },
      { value: 'us', label: 'America' },
    ],
  })
  override region!: 'eu' | 'us';
}

export class AnyPoolSettings {
  @SettingsField({ label: 'API key', secret: true })
  @IsString()
  apiKey!: string;

  @SettingsField({ label: 'Region', bindsSecret: true })
  @IsString()
  region: string = 'eu';

  @SettingsField({ label: 'Route' })
  @IsString()
  route: string = 'pool';

  @SettingsField({ label: 'Pool' })
  @IsString()
  pool: string = 'own';

  @SettingsField({ label: 'Webhook secret', secret: true, inboundOnly: true, generated: true })
  @IsOptional()
  @IsString()
  webhookSecret?: string;
}
