import { SettingsField } from '@score-crm/adapter-kit';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

/** A channel of an account at SMTP.com. */
export class SmtpcomSettings {
  @SettingsField({
    label: 'API key',
    help: 'Made under Account, API Keys. It is not the password of the SMTP relay.',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  // Visible ASCII is what an HTTP header can carry. A pasted “Authorization” header is the usual slip.
  @Matches(/^(?!bearer)[\x21-\x7e]*$/i, {
    message: '$property must be the key alone, without “Bearer”, spaces or special characters',
  })
  apiKey!: string;

  @SettingsField({
    label: 'Channel',
    help: 'The exact name of the channel (also called sender) that the mail goes out by. It is neither the SMTP user name nor the login.',
    placeholder: 'acme_transactional',
    group: ACCOUNT,
    bindsSecret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  // It becomes part of a path, in which dots alone would lead elsewhere.
  @Matches(/^(?!\.{1,2}$)\S(?:.*\S)?$/, {
    message: '$property must be the name as SMTP.com shows it, without spaces around it',
  })
  channel!: string;

  @SettingsField({
    label: 'Webhook token',
    help: 'Part of the address that SMTP.com posts to, since it signs nothing. Leave it out, and one is made.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    generated: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(32)
  @MaxLength(128)
  @Matches(/^[\w-]*$/, { message: '$property must be of letters, digits, - and _' })
  webhookToken?: string;

  @SettingsField({
    label: 'Webhook signing key',
    help: 'Only if SMTP.com, or a gateway before this service, signs what is posted. With it, posts without a correct HMAC-SHA-256 are refused.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    advanced: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(16)
  @MaxLength(512)
  webhookSigningKey?: string;
}
