import { isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { domainToASCII } from 'node:url';
import { AdapterError, type AdapterErrorCode, type OutboundConnector } from '@score-crm/adapter-kit';
import type { Options } from 'nodemailer/lib/smtp-connection';
import { logIn, PASSWORD_LOGIN } from './smtp.login.ts';
import type { SmtpSettings } from './smtp.settings.ts';

/** Time limits for each step of a conversation, in milliseconds. nodemailer's defaults are minutes. */
export const TIME_LIMITS = {
  connect: 7_000,
  /** For the greeting and for a TLS handshake. */
  greeting: 8_000,
  /** From the first packet to the end of STARTTLS. */
  setup: 20_000,
  /** Without a byte from the server. A receiver may scan a message before it replies (RFC 5321, 4.5.3.2.6). */
  silence: 120_000,
  /** From the first byte of a reply to its last: a server that trickles is never silent. */
  reply: 60_000,
  quit: 1_000,
  /** For a complete diagnosis. */
  diagnosis: 14_000,
  /** Until a conversation without messages is closed. Servers wait for five minutes (RFC 5321, 4.5.3.2.7), some for less. */
  idle: 60_000,
  /** Until one more conversation is tried, after the server has refused one while others work. */
  refused: 10_000,
};

/** Maximum bytes of one reply, all lines together. Real replies, including those to EHLO, stay below 2 KiB. */
export const MAX_REPLY_BYTES = 8_192;

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

/** `opportunistic`: STARTTLS if the server offers it, with any certificate; otherwise unencrypted. */
type Encryption = 'implicit' | 'starttls' | 'opportunistic';

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
function tlsOptions(settings: SmtpSettings): ConnectionOptions {
  const name = settings.host.replace(/\.$/, '');
  return {
    host: name,
    // RFC 6066: an IP address is not a server name.
    ...(isIP(name) === 0 ? { servername: domainToASCII(name) || name } : {}),
    ...(settings.caCertificate === undefined ? {} : { ca: settings.caCertificate }),
    rejectUnauthorized: encryptionOf(settings) !== 'opportunistic',
  };
}

/**
 * Connects through the outbound policy. nodemailer uses the socket and encrypts it, also with implicit TLS.
 * @throws AdapterError at the stage `connect`
 */
export async function openSocket(
  connector: OutboundConnector,
  settings: SmtpSettings,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = await connector
    .connect({
      host: settings.host,
      port: settings.port,
      timeoutMs: TIME_LIMITS.connect,
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw pointed(error);
    });
  // Until nodemailer listens, an error without a listener would end the process.
  return socket.on('error', () => undefined);
}

const POINTERS: Readonly<Partial<Record<AdapterErrorCode, string>>> = {
  address_forbidden: '/settings/host',
  port_forbidden: '/settings/port',
};

/** The same error, with the pointer of the setting concerned. */
function pointed(error: unknown): unknown {
  const pointer = error instanceof AdapterError ? POINTERS[error.details.code] : undefined;
  return pointer === undefined ? error : new AdapterError({ ...(error as AdapterError).details, pointer });
}
