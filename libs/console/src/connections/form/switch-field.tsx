import { Switch } from '@mantine/core';
import type { FieldInputProps } from './field-input.tsx';
import type { FieldValue } from './fields.ts';
import classes from './switch-field.module.css';

export interface SwitchFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: boolean;
}

export function SwitchField({ field, value, onChange, error, description }: SwitchFieldProps) {
  return (
    <Switch
      label={field.label}
      description={description}
      error={error}
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
      size="md"
      classNames={classes}
    />
  );
}
