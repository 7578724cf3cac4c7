import { defaultOf } from './fields.ts';
import { effectiveValue } from './form-values.ts';
import type { ConnectionForm } from './use-connection-form.ts';

/** Whether something is set among what few need, which a form should then not hide. */
export function isAnyAdvancedSet({ form, base, shown }: ConnectionForm): boolean {
  return shown.some((field) => {
    if (!field.advanced) return false;
    if (field.secret) return base?.secrets[field.name] !== undefined;
    const value = effectiveValue(field, form.values);
    // A switch that is off has nothing set, whether that is said or not.
    return value !== defaultOf(field) && value !== false;
  });
}
