import { isIP } from 'node:net';
import type { Options } from 'nodemailer/lib/smtp-connection';
import type { SmtpSettings } from '../settings/smtp.settings.ts';
import { encryptionOf, tlsOptions } from './encryption.ts';
import { logIn, PASSWORD_LOGIN } from './password-login.ts';
import { MAX_REPLY_BYTES } from './reply-limits.ts';
import { TIME_LIMITS } from './time-limits.ts';

/** Returns nodemailer's options for a conversation with the server of these settings. */
export function connectionOptions(settings: SmtpSettings): Options {
  const encryption = encryptionOf(settings);
  return {
    host: settings.host,
    port: settings.port,
    secure: encryption === 'implicit',
    requireTLS: encryption === 'starttls',
    tls: tlsOptions(settings),
    ...(settings.heloName === undefined ? {} : { name: heloName(settings.heloName) }),
    connectionTimeout: TIME_LIMITS.setup,
    greetingTimeout: TIME_LIMITS.greeting,
    socketTimeout: TIME_LIMITS.silence,
    socketCloseTimeout: TIME_LIMITS.quit,
    maxResponseSize: MAX_REPLY_BYTES,
    customAuth: { [PASSWORD_LOGIN]: logIn },
  };
}

/** The credentials for the server, or undefined if there is no authentication. */
export function credentialsOf(settings: SmtpSettings): { user: string; pass: string; method: string } | undefined {
  if (settings.authentication === 'none') return undefined;
  return { user: settings.username ?? '', pass: settings.password ?? '', method: PASSWORD_LOGIN };
}

// RFC 5321, 4.1.3: an IP address is written as a literal.
function heloName(name: string): string {
  if (isIP(name) === 4) return `[${name}]`;
  return isIP(name) === 6 ? `[IPv6:${name}]` : name;
}
