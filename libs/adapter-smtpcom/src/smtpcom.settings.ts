import { SettingsField } from '@score-crm/adapter-kit';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

/** The settings of a channel of an account at SMTP.com. */
export class SmtpcomSettings {
  @SettingsField({
    label: 'API key',
    help: 'Created under Account, API Keys. It is not the password of the SMTP relay.',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  // Visible ASCII is what an HTTP header can contain. A pasted “Authorization” header is the most common mistake.
  @Matches(/^(?!bearer)[\x21-\x7e]*$/i, {
    message: '$property must be only the key, without “Bearer”, spaces or special characters',
  })
  apiKey!: string;

  @SettingsField({
    label: 'Channel',
    help: 'The exact name of the channel (also called sender) to send through. It is neither the SMTP username nor the login.',
    placeholder: 'acme_transactional',
    group: ACCOUNT,
    bindsSecret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  // It becomes part of a path, in which a name of only dots would lead elsewhere.
  @Matches(/^(?!\.{1,2}$)\S(?:.*\S)?$/, {
    message: '$property must be the name as SMTP.com shows it, without leading or trailing spaces',
  })
  channel!: string;

  @SettingsField({
    label: 'Webhook token',
    help: 'Part of the webhook URL, because SMTP.com does not sign requests. Leave empty: automatic setup fills it in.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    generated: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(32)
  @MaxLength(128)
  @Matches(/^[\w-]*$/, { message: '$property must contain only letters, digits, - and _' })
  webhookToken?: string;

  @SettingsField({
    label: 'Webhook signing key',
    help: 'Only if SMTP.com, or a gateway in front of this service, signs requests. Requests without a valid HMAC-SHA-256 are then rejected.',
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
