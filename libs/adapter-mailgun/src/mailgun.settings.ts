import { IsApiKey, IsHostname, SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';

const ACCOUNT = 'Account';

/** The settings of a sending domain at Mailgun. */
export class MailgunSettings {
  @SettingsField({
    label: 'API key',
    help: 'For sending, a sending key of the domain is sufficient (Domain settings, Sending keys). Automatic setup of the webhook needs an account key (Account settings, API keys) with the role Admin or Developer.',
    group: ACCOUNT,
    secret: true,
  })
  @IsApiKey()
  apiKey!: string;

  @SettingsField({
    label: 'Domain',
    help: 'The sending domain, as Mailgun lists it under Sending, Domains.',
    placeholder: 'mg.example.com',
    group: ACCOUNT,
    bindsSecret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(253)
  @IsHostname()
  domain!: string;

  @SettingsField({
    label: 'Region',
    help: 'Where the domain was created. Each region only knows its own domains.',
    group: ACCOUNT,
    bindsSecret: true,
    options: [
      { value: 'us', label: 'United States' },
      { value: 'eu', label: 'European Union' },
    ],
  })
  @IsIn(['us', 'eu'])
  region: 'us' | 'eu' = 'us';

  @SettingsField({
    label: 'Webhook signing key',
    help: 'Leave empty: automatic setup fills it in. For manual setup, copy the HTTP webhook signing key from Mailgun. It is not an API key.',
    group: 'Webhook',
    secret: true,
    inboundOnly: true,
  })
  @IsApiKey({ optional: true })
  webhookSigningKey?: string;
}
