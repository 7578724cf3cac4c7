import { Input, Switch } from '@mantine/core';
import { useId } from 'react';
import { type FieldInputProps, hasContent } from './field-input-props.ts';
import type { FieldValue } from './fields.ts';
import classes from './switch-field.module.css';

export interface SwitchFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: boolean;
}

/** On or off. What is said of it stands outside of the label, so that its name stays short. */
export function SwitchField({ field, value, onChange, error, description }: SwitchFieldProps) {
  const id = useId();
  return (
    <div>
      <Switch
        label={field.label}
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
        size="md"
        classNames={{ label: classes.label }}
        aria-describedby={`${id}-error ${id}-help`}
        aria-invalid={hasContent(error) || undefined}
      />
      <div className={classes.below}>
        {hasContent(error) && <Input.Error id={`${id}-error`}>{error}</Input.Error>}
        {hasContent(description) && <Input.Description id={`${id}-help`}>{description}</Input.Description>}
      </div>
    </div>
  );
}
