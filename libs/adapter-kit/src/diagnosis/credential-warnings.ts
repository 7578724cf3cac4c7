import type { AdapterErrorCode, AdapterErrorDetails } from '../errors/adapter-error.ts';
import { jsonPointer } from '../validation/field.ts';
import { declaredFields } from '../settings/settings-field.decorator.ts';
import type { DiagnosisWarning } from './diagnosis.ts';

/**
 * Characters that are often pasted along with a value. They may belong to a password, so the value is kept unchanged.
 */
const SLIPS: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^\s|\s$/, 'starts or ends with a space. Remove the space unless it belongs there.'],
  // For example, the zero-width characters that web pages and chat programs add to copied text.
  [/[\p{Cc}\p{Cf}]/u, 'contains an invisible character. Remove it unless it belongs there.'],
  [/^(["'`]).*\1$|^“.*”$/, 'is in quotation marks. Remove them unless they belong there.'],
  [/^(bearer|basic)[\s:]/i, 'starts with “Bearer” or “Basic”. Enter only the value.'],
];

const LOGIN_FAILURES: ReadonlySet<AdapterErrorCode> = new Set(['app_password_required', 'authentication_failed']);

/**
 * Returns warnings about field values that look like paste errors. The warnings name the fields, never their values.
 * @param settings an instance of a settings class
 */
export function credentialWarnings(settings: object): DiagnosisWarning[] {
  const values = settings as Readonly<Record<string, unknown>>;
  return declaredFields(settings.constructor as { readonly prototype: object })
    .filter((field) => field.multiline !== true && field.options === undefined)
    .flatMap(({ name, label }) => {
      const value = values[name];
      const advice = typeof value === 'string' ? SLIPS.find(([pattern]) => pattern.test(value))?.[1] : undefined;
      if (advice === undefined) return [];
      return [
        {
          code: 'suspicious_credential' as const,
          hint: `“${label}” ${advice}`,
          pointer: jsonPointer('settings', name),
        },
      ];
    });
}

/** Adds the suspicious field to the hint of a failed login. Any other failure is returned unchanged. */
export function withCredentialHint(error: AdapterErrorDetails, settings: object): AdapterErrorDetails {
  if (!LOGIN_FAILURES.has(error.code)) return error;
  const warnings = credentialWarnings(settings).map(({ hint }) => hint);
  if (warnings.length === 0) return error;
  const [what = error.hint] = error.hint.split('. ', 1);
  return { ...error, hint: [what.endsWith('.') ? what : `${what}.`, ...warnings].join(' ') };
}
