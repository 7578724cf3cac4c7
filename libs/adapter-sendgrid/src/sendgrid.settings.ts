import { createPublicKey, type KeyObject } from 'node:crypto';
import { IsApiKey, SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsOptional, IsString, MaxLength, registerDecorator } from 'class-validator';

const ACCOUNT = 'Account';
const WEBHOOK = 'Webhook';

const REGIONS = ['global', 'eu'] as const;
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
  @IsApiKey()
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

/** Accepts a public key that `parseVerificationKey` can parse. */
function IsVerificationKey(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isVerificationKey',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && parseVerificationKey(value) !== undefined,
        defaultMessage: () =>
          '$property is not a SendGrid verification key. Copy it completely from the event webhook’s settings; it starts with MFkwEwYHKoZIzj0',
      },
    });
  };
}

const ARMOUR = /-----(?:BEGIN|END) PUBLIC KEY-----/g;

/**
 * Parses what the console calls the verification key: the base64 of a DER SubjectPublicKeyInfo on the curve P-256, also
 * with PEM armor around it (which a form's input field puts on one line).
 * @returns undefined for anything else
 */
export function parseVerificationKey(text: string): KeyObject | undefined {
  const der = strictBase64(text.replace(ARMOUR, '').replace(/\s/g, ''));
  if (der === undefined) return undefined;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Decodes standard base64 with padding. Returns undefined for anything else. */
export function strictBase64(text: string): Buffer | undefined {
  // Not with a pattern: on a long text it could exhaust the stack.
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}
