import { Textarea, TextInput } from '@mantine/core';
import type { FieldInputProps } from './field-input-props.ts';
import { defaultOf } from './fields.ts';
import { INPUT_ORDER, PLAIN_TEXT } from './input-props.ts';
import { pasteNotice } from './paste-notice.ts';
import classes from './text-field.module.css';

export function TextField({ field, value, onChange, error, description }: FieldInputProps<string>) {
  const notice = field.multiline ? undefined : pasteNotice(value, true);
  const props = {
    ...PLAIN_TEXT,
    label: field.label,
    description: (
      <>
        {notice !== undefined && <span className={classes.notice}>{notice} </span>}
        {description}
      </>
    ),
    error,
    required: field.required,
    placeholder: field.placeholder ?? String(defaultOf(field) ?? ''),
    inputWrapperOrder: INPUT_ORDER,
    value,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onChange(event.currentTarget.value),
  };
  return field.multiline ? (
    <Textarea {...props} autosize minRows={4} maxRows={14} classNames={{ input: classes.multiline }} />
  ) : (
    <TextInput {...props} />
  );
}
