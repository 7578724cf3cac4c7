import { Select } from '@mantine/core';
import { useState } from 'react';
import type { Vendor, VendorPreset } from '../../api/types.ts';
import { INPUT_ORDER } from './form-item.tsx';
import { blankOf, type FieldValue, isValue } from './form-values.ts';
import type { ConnectionFormState } from './use-connection-form.ts';

interface PresetSelectProps {
  readonly vendor: Vendor;
  readonly form: ConnectionFormState;
  /** The preset that the form started with. */
  readonly initialKey?: string | undefined;
  /** Called when the chosen provider needs one of the advanced fields. */
  readonly onNeedsAdvanced: () => void;
}

/** Fills in the settings of a well-known provider, and says what else it needs. */
export function PresetSelect({ vendor, form, initialKey, onNeedsAdvanced }: PresetSelectProps) {
  const [key, setKey] = useState<string | null>(initialKey ?? null);
  const chosen = vendor.presets.find((preset) => preset.key === key);
  // After a change of what it filled in, the preset is no longer selected.
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
      placeholder="Other"
      description={
        current?.note ??
        'Fills in the settings of your provider. Not listed? Enter the settings that your provider gives you.'
      }
      data={vendor.presets.map((preset) => ({ value: preset.key, label: preset.label }))}
      value={current?.key ?? null}
      onChange={choose}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Clear provider' }}
      nothingFoundMessage="Not listed. Enter the settings that your provider gives you."
      autoComplete="off"
      inputWrapperOrder={INPUT_ORDER}
    />
  );
}

function holds(preset: VendorPreset, settings: Readonly<Record<string, FieldValue>>): boolean {
  return Object.entries(preset.settings).every(([name, value]) => settings[name] === value);
}

/** What a preset fills in. Fields that only the preset before filled in get their defaults again. */
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
