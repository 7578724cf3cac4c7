import type { Connection, VendorField } from '../../api/types.ts';
import { effectiveValue, type FormValues, shownFields } from './form-values.ts';

/** Stored secrets that must be entered again, because a setting changed that decides where they are sent. */
export interface Renewal {
  /** The settings that changed. */
  readonly moved: readonly VendorField[];
  readonly secrets: readonly VendorField[];
}

const NONE: Renewal = { moved: [], secrets: [] };

/** Finds before saving what the service would reject (`secret_required`). */
export function renewalOf(fields: readonly VendorField[], values: FormValues, stored: Connection | undefined): Renewal {
  if (stored === undefined) return NONE;
  const shown = new Set(shownFields(fields, values));
  const moved = fields.filter((field) => {
    if (!field.bindsSecret || field.secret) return false;
    const now = shown.has(field) ? effectiveValue(field, values) : undefined;
    return now !== (stored.settings[field.name] ?? undefined);
  });
  const secrets = fields.filter(({ secret, inboundOnly, name }) => {
    return secret && !inboundOnly && stored.secrets[name] !== undefined;
  });
  const bound = secrets.filter((field) => shown.has(field));
  return moved.length === 0 || bound.length === 0 ? NONE : { moved, secrets: bound };
}
