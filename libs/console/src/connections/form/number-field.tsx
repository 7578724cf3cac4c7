import { NumberInput } from '@mantine/core';
import type { FieldInputProps } from './field-input-props.ts';
import type { FieldValue } from './fields.ts';
import { INPUT_ORDER } from './input-props.ts';

/** An integer. What is out of range stays as it was typed, and is told. */
export function NumberField({ field, value, onChange, error, description }: NumberFieldProps) {
  return (
    <NumberInput
      label={field.label}
      description={description}
      error={error}
      required={field.required}
      placeholder={field.placeholder}
      value={value}
      onChange={onChange}
      allowDecimal={false}
      clampBehavior="none"
      hideControls
      autoComplete="off"
      inputWrapperOrder={INPUT_ORDER}
      styles={{ wrapper: { maxWidth: 160 } }}
    />
  );
}

export interface NumberFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: string | number;
}
