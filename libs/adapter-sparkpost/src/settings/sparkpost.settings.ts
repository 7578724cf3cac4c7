import { SettingsField } from '@score-crm/adapter-kit';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { IsApiUrl } from './is-api-url.decorator.ts';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

export const REGIONS = ['us', 'eu', 'enterprise'] as const;
export type Region = (typeof REGIONS)[number];

// Visible ASCII is what an HTTP header can carry; what else a key looks like is the vendor's business.
const HEADER_TEXT = /^[\x21-\x7e]*$/;
// RFC 7617: a user name has no colon.
const USERNAME = /^[\x21-\x39\x3b-\x7e]*$/;
const SHORTEST_SECRET = 8;

/** An account, or subaccount, at SparkPost. */
export class SparkpostSettings {
  @SettingsField({
    label: 'API key',
    help: 'Made under API Keys. It needs “Transmissions: Read/Write”, and “Event Webhooks: Read/Write” to register the webhook. “Account: Read” and “Sending Domains: Read” let a test tell more.',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  @Matches(HEADER_TEXT, { message: '$property must be the key alone, without spaces or special characters' })
  apiKey!: string;

  @SettingsField({
    label: 'Region',
    help: 'Where the account was made. Each region refuses the keys of the others.',
    group: ACCOUNT,
    bindsSecret: true,
    options: [
      { value: 'us', label: 'US' },
      { value: 'eu', label: 'EU' },
      { value: 'enterprise', label: 'Enterprise' },
    ],
  })
  @IsIn(REGIONS)
  region: 'us' | 'eu' | 'enterprise' = 'us';

  @SettingsField({
    label: 'Base URL',
    help: 'The account’s own API host, as the account manager gave it.',
    placeholder: 'https://acme.api.e.sparkpost.com',
    group: ACCOUNT,
    bindsSecret: true,
    showIf: { field: 'region', in: ['enterprise'] },
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(300)
  @IsApiUrl()
  baseUrl?: string;

  @SettingsField({
    label: 'Transactional mail',
    help: 'On: SparkPost adds no List-Unsubscribe header, so that messages may bring their own, and sends also to those who only unsubscribed from other mail. Off: as the account is set up.',
    group: ACCOUNT,
    advanced: true,
  })
  @IsBoolean()
  transactional: boolean = false;

  @SettingsField({
    label: 'Webhook user name',
    help: 'What SparkPost logs in with when it posts events. Posts under another name are refused: after a change, set the webhook up again.',
    group: WEBHOOK,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  @Matches(USERNAME, { message: '$property must have no spaces, colons or special characters' })
  webhookUsername: string = 'score-crm';

  @SettingsField({
    label: 'Webhook password',
    help: 'SparkPost does not sign its events: this password proves them. Leave it empty to have one made.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    generated: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(SHORTEST_SECRET)
  @MaxLength(256)
  @Matches(HEADER_TEXT, { message: '$property must have no spaces or special characters' })
  webhookPassword?: string;

  @SettingsField({
    label: 'Webhook token',
    help: 'Only for a webhook of old that sends X-MessageSystems-Webhook-Token: the token that SparkPost shows for it.',
    group: WEBHOOK,
    advanced: true,
    secret: true,
    inboundOnly: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(SHORTEST_SECRET)
  @MaxLength(256)
  @Matches(HEADER_TEXT, { message: '$property must have no spaces or special characters' })
  webhookToken?: string;
}
