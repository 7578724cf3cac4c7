import { Input, SegmentedControl, Select } from '@mantine/core';
import { useId } from 'react';
import classes from './choice-field.module.css';
import type { FieldInputProps } from './field-input-props.ts';
import { INPUT_ORDER } from './input-props.ts';

/** As many letters as stand beside each other on a narrow screen. */
const MAX_LETTERS_ABREAST = 30;

/** One of a few values: all of them at once where there is room, else a list. */
export function ChoiceField({ field, value, onChange, error, description }: FieldInputProps<string>) {
  const label = useId();
  const data = field.options ?? [];
  const letters = data.reduce((sum, option) => sum + option.label.length, 0);
  if (letters > MAX_LETTERS_ABREAST || data.length < 2) {
    return (
      <Select
        label={field.label}
        description={description}
        error={error}
        required={field.required}
        placeholder={field.placeholder}
        data={data}
        value={value === '' ? null : value}
        onChange={(next) => onChange(next ?? '')}
        allowDeselect={false}
        clearable={!field.required && field.schema['default'] === undefined}
        inputWrapperOrder={INPUT_ORDER}
      />
    );
  }
  return (
    <Input.Wrapper
      label={field.label}
      labelElement="div"
      labelProps={{ id: label }}
      description={description}
      error={error}
      required={field.required}
      inputWrapperOrder={INPUT_ORDER}
    >
      <div className={classes.segments}>
        <SegmentedControl data={data} value={value} onChange={onChange} aria-labelledby={label} />
      </div>
    </Input.Wrapper>
  );
}
