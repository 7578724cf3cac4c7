import { Select } from '@mantine/core';
import { useState } from 'react';
import type { Vendor, VendorPreset } from '../../api/types.ts';
import { blankOf, type FieldValue, isValue } from './fields.ts';
import { INPUT_ORDER } from './input-props.ts';
import type { ConnectionFormState } from './use-connection-form.ts';

export interface PresetSelectProps {
  readonly vendor: Vendor;
  readonly form: ConnectionFormState;
  /** Called when the chosen provider needs a field that is among the advanced ones. */
  readonly onNeedsAdvanced: () => void;
}

/** Fills fields in with what is known of a provider, and says what else it wants. */
export function PresetSelect({ vendor, form, onNeedsAdvanced }: PresetSelectProps) {
  const [key, setKey] = useState<string | null>(null);
  const chosen = vendor.presets.find((preset) => preset.key === key);
  // Once somebody changes what it filled in, it is no longer what was chosen.
  const current = chosen !== undefined && holds(chosen, form.values.settings) ? chosen : undefined;
  const choose = (next: string | null) => {
    const preset = vendor.presets.find((each) => each.key === next);
    setKey(next);
    if (preset === undefined) return;
    for (const [name, value] of Object.entries(filledBy(vendor, preset, current))) {
      form.setFieldValue(`settings.${name}`, value);
    }
    if (vendor.fields.some(({ name, advanced }) => advanced && preset.needs?.includes(name))) onNeedsAdvanced();
  };

  return (
    <Select
      label="Provider"
      placeholder="Another provider"
      description={current?.note ?? 'Fills in what is known of a provider. Without one, enter what yours tells you.'}
      data={vendor.presets.map((preset) => ({ value: preset.key, label: preset.label }))}
      value={current?.key ?? null}
      onChange={choose}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose no provider' }}
      nothingFoundMessage="Not among those that are known. Enter what your provider tells you."
      autoComplete="off"
      inputWrapperOrder={INPUT_ORDER}
    />
  );
}

function holds(preset: VendorPreset, settings: Readonly<Record<string, FieldValue>>): boolean {
  return Object.entries(preset.settings).every(([name, value]) => settings[name] === value);
}

/** What a preset fills in; what only the one before it filled in begins anew. */
function filledBy(vendor: Vendor, preset: VendorPreset, before: VendorPreset | undefined): Record<string, FieldValue> {
  const filled: Record<string, FieldValue> = {};
  for (const field of vendor.fields) {
    if (field.secret) continue;
    const value = preset.settings[field.name];
    if (isValue(value)) filled[field.name] = value;
    else if (before?.settings[field.name] !== undefined) filled[field.name] = blankOf(field);
  }
  return filled;
}
