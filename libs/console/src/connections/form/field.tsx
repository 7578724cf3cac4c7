import { Input, NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import type { SecretState, VendorField } from '../../api/types.ts';
import { defaultOf, type FieldValue, pathOf } from './fields.ts';
import { type FieldInputProps, FormItem, hasContent, INPUT_ORDER, PLAIN_TEXT } from './form-item.tsx';
import { KEPT } from './form-values.ts';
import classes from './form.module.css';
import { pasteNotice } from './paste-notice.ts';
import type { Renewal } from './renewal.ts';
import { SecretField } from './secret-field.tsx';
import type { ConnectionFormState } from './use-connection-form.ts';
import { changed } from './validate.ts';

/** With more letters than this, options do not fit beside each other on a narrow screen. */
const MAX_LETTERS_ABREAST = 30;

export interface FieldProps {
  readonly field: VendorField;
  readonly form: ConnectionFormState;
  readonly renewal: Renewal;
  /** The state of a stored secret. */
  readonly stored?: SecretState | undefined;
}

/** A field of the vendor, with the input that its description asks for. */
export function Field({ field, form, renewal, stored }: FieldProps) {
  const path = pathOf(field);
  const common = { field, error: form.errors[path], description: field.help };
  if (field.secret) {
    const mustRenew = renewal.secrets.includes(field);
    return (
      <FormItem path={path}>
        <SecretField
          {...common}
          value={form.values.secrets[field.name] ?? KEPT}
          onChange={(value) => form.setFieldValue(path, value)}
          stored={stored}
          renewalReason={
            mustRenew ? `${changed(renewal)}, which decides where this is sent. Enter it again.` : undefined
          }
        />
      </FormItem>
    );
  }
  const value = form.values.settings[field.name] ?? '';
  const onChange = (next: FieldValue) => form.setFieldValue(path, next);
  return <FormItem path={path}>{inputOf({ ...common, value, onChange })}</FormItem>;
}

function inputOf(props: FieldInputProps<FieldValue>) {
  const { field, value } = props;
  if (field.type === 'boolean') return <SwitchField {...props} value={value === true} />;
  if (field.type === 'integer') return <NumberField {...props} value={typeof value === 'boolean' ? '' : value} />;
  return field.options === undefined ? (
    <TextField {...props} value={String(value)} />
  ) : (
    <ChoiceField {...props} value={String(value)} />
  );
}

function TextField({ field, value, onChange, error, description }: FieldInputProps<string>) {
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

interface NumberFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: string | number;
}

/** An integer. A value out of range stays as it was typed, and gets an error. */
function NumberField({ field, value, onChange, error, description }: NumberFieldProps) {
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

/** One of a few values: side by side where they fit, otherwise in a list. */
function ChoiceField({ field, value, onChange, error, description }: FieldInputProps<string>) {
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

interface SwitchFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: boolean;
}

/** A switch. Its help is outside of the label, so that its accessible name stays short. */
function SwitchField({ field, value, onChange, error, description }: SwitchFieldProps) {
  const id = useId();
  return (
    <div>
      <Switch
        label={field.label}
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
        size="md"
        classNames={{ label: classes.switchLabel }}
        aria-describedby={`${id}-error ${id}-help`}
        aria-invalid={hasContent(error) || undefined}
      />
      <div className={classes.switchBelow}>
        {hasContent(error) && <Input.Error id={`${id}-error`}>{error}</Input.Error>}
        {hasContent(description) && <Input.Description id={`${id}-help`}>{description}</Input.Description>}
      </div>
    </div>
  );
}
