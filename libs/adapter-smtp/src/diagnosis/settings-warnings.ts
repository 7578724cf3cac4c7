import type { DiagnosisWarning } from '@score-crm/adapter-kit';
import { encryptionOf, expectsImplicitTls } from '../connection/encryption.ts';
import type { SmtpSettings } from '../settings/smtp.settings.ts';

const STARTTLS_PORTS: ReadonlySet<number> = new Set([25, 587, 2525, 2587]);

/**
 * What should be looked at although it may work.
 * @param encrypted what the test saw; undefined if it did not come so far
 */
export function settingsWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  return [...clearTextWarnings(settings, encrypted), ...portWarnings(settings)];
}

function clearTextWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  if (encryptionOf(settings) !== 'opportunistic') return [];
  if (settings.authentication === 'password') {
    const seen =
      encrypted === true
        ? 'The password was encrypted this time, but the certificate was not checked and encryption is not insisted on.'
        : 'The password travels in clear; whoever is on the way can read it.';
    return [{ code: 'password_in_clear', hint: `${seen} Switch the encrypted connection on.` }];
  }
  if (encrypted === true) return [];
  return [
    {
      code: 'not_encrypted',
      hint: 'The messages travel in clear. Switch the encrypted connection on, unless the server is on this machine.',
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
        hint: `Port ${port} usually starts in clear and continues with STARTTLS, yet TLS from the first byte is chosen.`,
      },
    ];
  }
  if (!implicit && expectsImplicitTls(port)) {
    return [
      {
        code: 'port_mode_mismatch',
        hint: `Port ${port} usually expects TLS from the first byte, yet another kind of encryption is chosen.`,
      },
    ];
  }
  return [];
}
