import { credentialWarnings, type DiagnosisWarning } from '@score-crm/adapter-kit';
import { encryptionOf, expectsImplicitTls } from '../connection/encryption.ts';
import type { SmtpSettings } from '../settings/smtp.settings.ts';

const STARTTLS_PORTS: ReadonlySet<number> = new Set([25, 587, 2525, 2587]);

/** It closes the connection if the HELO name is not a domain: https://support.google.com/a/answer/2956491. */
const GOOGLE_RELAY = /^smtp-relay\.gmail\.com\.?$/i;

/**
 * Returns warnings about settings that may work but deserve attention.
 * @param encrypted whether the test's connection was encrypted; undefined if there was none
 */
export function settingsWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  return [
    ...clearTextWarnings(settings, encrypted),
    ...portWarnings(settings),
    ...heloWarnings(settings),
    ...credentialWarnings(settings),
  ];
}

function clearTextWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  if (encryptionOf(settings) !== 'opportunistic') return [];
  if (settings.authentication === 'password') {
    const seen =
      encrypted === true
        ? 'The password was encrypted this time, but encryption is optional and the certificate was not checked.'
        : 'The password is sent unencrypted and can be read in transit.';
    return [{ code: 'password_in_clear', hint: `${seen} Turn on “Secure (TLS/SSL)”.` }];
  }
  if (encrypted === true) return [];
  return [
    {
      code: 'not_encrypted',
      hint: 'Messages are sent unencrypted. Turn on “Secure (TLS/SSL)”, unless the server runs on this machine.',
    },
  ];
}

function portWarnings(settings: SmtpSettings): DiagnosisWarning[] {
  const { port } = settings;
  const implicit = encryptionOf(settings) === 'implicit';
  if (implicit && STARTTLS_PORTS.has(port)) {
    return [
      {
        code: 'port_mode_mismatch',
        hint: `Port ${port} usually starts unencrypted and continues with STARTTLS, but implicit TLS is selected.`,
      },
    ];
  }
  if (!implicit && expectsImplicitTls(port)) {
    return [
      {
        code: 'port_mode_mismatch',
        hint: `Port ${port} usually expects implicit TLS, but a different encryption mode is selected.`,
      },
    ];
  }
  return [];
}

function heloWarnings({ host, heloName }: SmtpSettings): DiagnosisWarning[] {
  if (heloName !== undefined || !GOOGLE_RELAY.test(host)) return [];
  return [
    {
      code: 'helo_name_missing',
      hint: 'Google’s relay rejects unknown HELO names. Set the HELO name to one of your domains, such as mail.example.com.',
      pointer: '/settings/heloName',
    },
  ];
}
