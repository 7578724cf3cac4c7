import { IsHostname, SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

// What an HTTP header can carry; what else a key looks like is the vendor's business.
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;
const KEY_ALONE = { message: '$property must be the key alone, without spaces or special characters' };

export const REGIONS = ['us', 'eu'] as const;
export type Region = (typeof REGIONS)[number];

/** A sending domain at Mailgun. */
export class MailgunSettings {
  @SettingsField({
    label: 'API key',
    help: 'A sending key of the domain (Domain settings, Sending keys) is enough to send. To register the webhook from here it must be an account key (Account settings, API keys) of the role Admin or Developer.',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  @Matches(VISIBLE_ASCII, KEY_ALONE)
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
    help: 'Where the domain was made. Each region knows its own domains alone.',
    group: ACCOUNT,
    bindsSecret: true,
    options: [
      { value: 'us', label: 'United States' },
      { value: 'eu', label: 'European Union' },
    ],
  })
  @IsIn(REGIONS)
  region: 'us' | 'eu' = 'us';

  @SettingsField({
    label: 'Webhook signing key',
    help: 'The account’s HTTP webhook signing key, which is no API key. Without it no event is accepted.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
  })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  @Matches(VISIBLE_ASCII, KEY_ALONE)
  webhookSigningKey?: string;
}
