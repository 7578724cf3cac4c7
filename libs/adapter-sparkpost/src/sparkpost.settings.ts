import { IsApiKey, SatisfiesText, SettingsField } from '@score-crm/adapter-kit';
import { applyDecorators } from '@nestjs/common';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

// What an HTTP header can contain.
const HEADER_TEXT = /^[\x21-\x7e]*$/;
// RFC 7617: a username has no colon.
const USERNAME = /^[\x21-\x39\x3b-\x7e]*$/;
const NO_SPACES = { message: '$property must not contain spaces or special characters' };
const NO_ORIGIN =
  '$property must be the HTTPS address of the account’s API host, such as https://acme.api.e.sparkpost.com, optionally followed by /api/v1';

function IsWebhookSecret(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsString(), MinLength(8), MaxLength(256), Matches(HEADER_TEXT, NO_SPACES));
}

/** The settings of an account, or subaccount, at SparkPost. */
export class SparkpostSettings {
  @SettingsField({
    label: 'API key',
    help: 'Created under API Keys. Needs “Transmissions: Read/Write”, and “Event Webhooks: Read/Write” for automatic setup. “Account: Read” and “Sending Domains: Read” allow a more thorough test.',
    group: ACCOUNT,
    secret: true,
  })
  @IsApiKey()
  apiKey!: string;

  @SettingsField({
    label: 'Region',
    help: 'Where the account was created. Each region rejects keys of the others.',
    group: ACCOUNT,
    bindsSecret: true,
    options: [
      { value: 'us', label: 'US' },
      { value: 'eu', label: 'EU' },
      { value: 'enterprise', label: 'Enterprise' },
    ],
  })
  @IsIn(['us', 'eu', 'enterprise'])
  region: 'us' | 'eu' | 'enterprise' = 'us';

  @SettingsField({
    label: 'Base URL',
    help: 'The account’s own API host, as provided by the account manager.',
    placeholder: 'https://acme.api.e.sparkpost.com',
    group: ACCOUNT,
    bindsSecret: true,
    showIf: { field: 'region', in: ['enterprise'] },
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(300)
  @SatisfiesText({
    name: 'isApiUrl',
    code: 'invalid',
    problem: (url) => (apiOrigin(url) === undefined ? NO_ORIGIN : undefined),
  })
  baseUrl?: string;

  @SettingsField({
    label: 'Transactional mail',
    help: 'On: SparkPost adds no List-Unsubscribe header, so messages can have their own, and also sends to people who unsubscribed from other mail. Off: uses the account’s settings.',
    group: ACCOUNT,
    advanced: true,
  })
  @IsBoolean()
  transactional: boolean = false;

  @SettingsField({
    label: 'Webhook username',
    help: 'The username with which SparkPost posts events. Requests with a different one are rejected: after a change, set up the webhook again.',
    group: WEBHOOK,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  @Matches(USERNAME, { message: '$property must not contain spaces, colons or special characters' })
  webhookUsername: string = 'score-crm';

  @SettingsField({
    label: 'Webhook password',
    help: 'SparkPost does not sign its events; this password authenticates them. Leave empty: automatic setup fills it in.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    generated: true,
  })
  @IsWebhookSecret()
  webhookPassword?: string;

  @SettingsField({
    label: 'Webhook token',
    help: 'Only for legacy webhooks that send X-MessageSystems-Webhook-Token: the token that SparkPost shows for the webhook.',
    group: WEBHOOK,
    advanced: true,
    secret: true,
    inboundOnly: true,
  })
  @IsWebhookSecret()
  webhookToken?: string;
}

const API_PATH = /^\/(?:api\/v1\/?)?$/;

/**
 * Returns the origin of an Enterprise account's API, `https://acme.api.e.sparkpost.com`, from the base URL that the
 * account manager provided, with or without `/api/v1`.
 * @returns undefined if the text is not such a URL
 */
export function apiOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, pathname, search, hash, origin } = new URL(text);
  const isBare = username === '' && password === '' && search === '' && hash === '' && API_PATH.test(pathname);
  return protocol === 'https:' && isBare ? origin : undefined;
}
