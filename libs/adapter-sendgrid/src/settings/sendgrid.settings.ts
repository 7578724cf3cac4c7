import { SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsVerificationKey } from './is-verification-key.decorator.ts';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

export const REGIONS = ['global', 'eu'] as const;
export type Region = (typeof REGIONS)[number];

/** An account, or subuser, at SendGrid. */
export class SendgridSettings {
  @SettingsField({
    label: 'API key',
    help: 'Made under Settings, API Keys. It needs the permission “Mail Send”, and to register the webhook from here those for the Event Webhook too. A subuser needs a key of its own.',
    placeholder: 'SG.…',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  // Visible ASCII is what an HTTP header can carry; what else a key looks like is the vendor's business.
  @Matches(/^[\x21-\x7e]*$/, { message: '$property must be the key alone, without spaces or special characters' })
  apiKey!: string;

  @SettingsField({
    label: 'Region',
    help: 'EU is for the keys of EU subusers alone. Each region refuses the keys of the other.',
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
    label: 'Webhook verification key',
    help: 'Shown in the event webhook’s settings once Signed Event Webhook is on. Without it no event is accepted.',
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
