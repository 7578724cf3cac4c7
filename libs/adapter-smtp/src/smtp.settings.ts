import { X509Certificate } from 'node:crypto';
import { IsHostname, SettingsField } from '@score-crm/adapter-kit';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  registerDecorator,
} from 'class-validator';

const SERVER = 'Server';
const LOGIN = 'Login';
const SECURITY = 'Security';
const SENDING = 'Sending';

const AUTHENTICATIONS = ['password', 'none'] as const;
const TLS_MODES = ['auto', 'implicit', 'starttls'] as const;

/** The settings of an account at an SMTP server. */
export class SmtpSettings {
  @SettingsField({
    label: 'Host',
    help: 'The name of the outgoing mail server. The server’s certificate must match it.',
    placeholder: 'smtp.example.com',
    group: SERVER,
    bindsSecret: true,
  })
  @IsHostname()
  host!: string;

  @SettingsField({
    label: 'Port',
    help: 'Usually 587 or 2525 (STARTTLS) or 465 (implicit TLS). Many networks block port 25.',
    group: SERVER,
    bindsSecret: true,
  })
  @IsInt()
  @Min(1)
  @Max(65535)
  port: number = 587;

  @SettingsField({
    label: 'Secure (TLS/SSL)',
    help: 'On: encryption is required and the certificate is checked. Off: encryption is used if the server offers it, with any certificate, so the password may be sent unencrypted.',
    group: SERVER,
    bindsSecret: true,
  })
  @IsBoolean()
  secure: boolean = true;

  @SettingsField({
    label: 'Authentication',
    help: '“None” is for servers that recognize this service by its IP address.',
    group: LOGIN,
    bindsSecret: true,
    options: [
      { value: 'password', label: 'Username and password' },
      { value: 'none', label: 'None' },
    ],
  })
  @IsIn(AUTHENTICATIONS)
  authentication: 'password' | 'none' = 'password';

  @SettingsField({
    label: 'Username',
    help: 'Often the full email address.',
    group: LOGIN,
    bindsSecret: true,
    showIf: { field: 'authentication', in: ['password'] },
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(320)
  username?: string;

  @SettingsField({
    label: 'Password',
    help: 'Gmail, Yahoo, iCloud and others require an app password here. Leading and trailing spaces are kept.',
    group: LOGIN,
    secret: true,
    showIf: { field: 'authentication', in: ['password'] },
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(1024)
  password?: string;

  @SettingsField({
    label: 'Encryption mode',
    help: 'Automatic: implicit TLS on ports 465 and 2465, STARTTLS on any other. The other modes always require encryption and a valid certificate, even if “Secure (TLS/SSL)” is off.',
    group: SECURITY,
    advanced: true,
    bindsSecret: true,
    options: [
      { value: 'auto', label: 'Automatic, by port' },
      { value: 'implicit', label: 'Implicit TLS' },
      { value: 'starttls', label: 'STARTTLS, required' },
    ],
  })
  @IsIn(TLS_MODES)
  tlsMode: 'auto' | 'implicit' | 'starttls' = 'auto';

  @SettingsField({
    label: 'HELO name',
    help: 'The host name that this service sends in EHLO: one of your domains that has a DNS record. Required for Google’s relay, and for servers that reject the default name.',
    placeholder: 'crm.example.com',
    group: SECURITY,
    advanced: true,
  })
  @IsOptional()
  @IsHostname()
  heloName?: string;

  @SettingsField({
    label: 'CA certificate',
    help: 'For servers with a self-signed certificate or a private authority: the authority’s certificate in PEM form. Other authorities are then not trusted.',
    placeholder: '-----BEGIN CERTIFICATE-----',
    group: SECURITY,
    advanced: true,
    multiline: true,
    bindsSecret: true,
  })
  @IsOptional()
  @IsString()
  @MaxLength(65_536)
  @IsPemCertificates()
  caCertificate?: string;

  @SettingsField({
    label: 'Max connections',
    help: 'How many connections to the server each instance of this service keeps open at the same time. Messages wait for one in the order in which they came. Some vendors allow only a few.',
    group: SENDING,
    advanced: true,
  })
  @IsInt()
  @Min(1)
  @Max(50)
  maxConnections: number = 5;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Accepts one or more X.509 certificates in PEM form, and nothing else. */
function IsPemCertificates(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isPemCertificates',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isPemCertificates,
        defaultMessage: () =>
          '$property must contain only certificates in PEM form, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
      },
    });
  };
}

function isPemCertificates(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const certificates = value.match(CERTIFICATE) ?? [];
  // A private key pasted with its certificate must not be stored as if it were public.
  return certificates.length > 0 && value.replace(CERTIFICATE, '').trim() === '' && certificates.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
