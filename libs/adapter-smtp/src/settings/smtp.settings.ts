import { IsHostname, SettingsField } from '@score-crm/adapter-kit';
import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IsPemCertificates } from './pem-certificates.decorator.ts';

const SERVER = 'Server';
const LOGIN = 'Login';
const SECURITY = 'Connection security';

const AUTHENTICATIONS = ['password', 'none'] as const;
const TLS_MODES = ['auto', 'implicit', 'starttls'] as const;

/** The account at an SMTP server. */
export class SmtpSettings {
  @SettingsField({
    label: 'Host',
    help: 'The name of the outgoing mail server. The certificate of the server is checked against it.',
    placeholder: 'smtp.example.com',
    group: SERVER,
    bindsSecret: true,
  })
  @IsHostname()
  host!: string;

  @SettingsField({
    label: 'Port',
    help: 'Usually 587 or 2525 (STARTTLS) or 465 (TLS from the first byte). Many networks block port 25.',
    group: SERVER,
    bindsSecret: true,
  })
  @IsInt()
  @Min(1)
  @Max(65535)
  port: number = 587;

  @SettingsField({
    label: 'Encrypted connection',
    help: 'On: the connection is always encrypted and the certificate is checked. Off: encryption is used if the server offers it, with any certificate; the password may travel in clear.',
    group: SERVER,
    bindsSecret: true,
  })
  @IsBoolean()
  secure: boolean = true;

  @SettingsField({
    label: 'Authentication',
    help: 'None is for servers that know this service by its address.',
    group: LOGIN,
    bindsSecret: true,
    options: [
      { value: 'password', label: 'User name and password' },
      { value: 'none', label: 'None' },
    ],
  })
  @IsIn(AUTHENTICATIONS)
  authentication: 'password' | 'none' = 'password';

  @SettingsField({
    label: 'User name',
    help: 'Often the whole email address.',
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
    help: 'Gmail, Yahoo, iCloud and others require an app password here, not the password of the account. Spaces before and after it are kept.',
    group: LOGIN,
    secret: true,
    showIf: { field: 'authentication', in: ['password'] },
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(1024)
  password?: string;

  @SettingsField({
    label: 'Kind of encryption',
    help: 'Automatic: TLS from the first byte on ports 465 and 2465, STARTTLS on any other. Either of the other two insists on itself, with a checked certificate, even if “Encrypted connection” is off.',
    group: SECURITY,
    advanced: true,
    bindsSecret: true,
    options: [
      { value: 'auto', label: 'Automatic, by port' },
      { value: 'implicit', label: 'TLS from the first byte' },
      { value: 'starttls', label: 'STARTTLS, required' },
    ],
  })
  @IsIn(TLS_MODES)
  tlsMode: 'auto' | 'implicit' | 'starttls' = 'auto';

  @SettingsField({
    label: 'HELO name',
    help: 'The name by which this service introduces itself: one of your domains that has a DNS record. Needed for Google’s relay, and for servers that reject the name of the machine.',
    placeholder: 'crm.example.com',
    group: SECURITY,
    advanced: true,
  })
  @IsOptional()
  @IsHostname()
  heloName?: string;

  @SettingsField({
    label: 'CA certificate',
    help: 'For a server whose certificate is self-signed or from a private authority: the certificate of that authority, in PEM form. No other authority is then trusted.',
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
}
