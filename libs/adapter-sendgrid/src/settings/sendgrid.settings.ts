import { SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsVerificationKey } from './is-verification-key.decorator.ts';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

export const REGIONS = ['global', 'eu'] as const;
export type Region = (typeof REGIONS)[number];

/** The settings of an account, or subuser, at SendGrid. */
export class SendgridSettings {
  @SettingsField({
    label: 'API key',
    help: 'Created under Settings, API Keys. Needs the permission “Mail Send”, and those for the Event Webhook for automatic setup. A subuser needs its own key.',
    placeholder: 'SG.…',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  // Visible ASCII is what an HTTP header can contain; the format of the key is up to the vendor.
  @Matches(/^[\x21-\x7e]*$/, { message: '$property must be only the key, without spaces or special characters' })
  apiKey!: string;

  @SettingsField({
    label: 'Region',
    help: '“EU” is only for keys of EU subusers. Each region rejects keys of the other.',
    group: ACCOUNT,
    bindsSecret: true,
    options: [
      { value: 'global', label: 'Global' },
      { value: 'eu', label: 'EU' },
    ],
  })
  @IsIn(REGIONS)
  region: 'global' | 'eu' = 'global';

  @SettingsField({
    label: 'Webhook signing key',
    help: 'Leave empty: automatic setup fills it in. For manual setup, copy it from SendGrid once Signed Event Webhook is on.',
    placeholder: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
  })
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @IsVerificationKey()
  webhookSigningKey?: string;
}
