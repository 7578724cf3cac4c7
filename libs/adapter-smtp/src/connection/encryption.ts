import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { SmtpSettings } from '../settings/smtp.settings.ts';

/** `opportunistic`: STARTTLS if the server offers it, with any certificate; otherwise unencrypted. */
export type Encryption = 'implicit' | 'starttls' | 'opportunistic';

// 465 is RFC 8314's submissions port; 2465 is the alternative of Amazon SES.
const IMPLICIT_TLS_PORTS: ReadonlySet<number> = new Set([465, 2465]);

export function encryptionOf(settings: SmtpSettings): Encryption {
  if (settings.tlsMode === 'implicit' || settings.tlsMode === 'starttls') return settings.tlsMode;
  if (!settings.secure) return 'opportunistic';
  return expectsImplicitTls(settings.port) ? 'implicit' : 'starttls';
}

export function expectsImplicitTls(port: number): boolean {
  return IMPLICIT_TLS_PORTS.has(port);
}

/** Returns the options of the TLS handshake with the server of these settings. */
export function tlsOptions(settings: SmtpSettings): ConnectionOptions {
  const name = settings.host.replace(/\.$/, '');
  return {
    host: name,
    // RFC 6066: an IP address is not a server name.
    ...(isIP(name) === 0 ? { servername: domainToASCII(name) || name } : {}),
    ...(settings.caCertificate === undefined ? {} : { ca: settings.caCertificate }),
    rejectUnauthorized: encryptionOf(settings) !== 'opportunistic',
  };
}
