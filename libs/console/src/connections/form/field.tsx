import { Input, NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import type { SecretState, VendorField } from '../../api/types.ts';
import { type FieldInputProps, FormItem, hasContent, labelsOf, PLAIN_TEXT, withNotices } from './form-item.tsx';
import { defaultOf, type FieldValue, KEPT, pathOf } from './form-values.ts';
import classes from './form.module.css';
import { SecretField } from './secret-field.tsx';
import type { ConnectionFormState } from './use-connection-form.ts';
import { changed, pasteNotice, type Renewal } from './validate.ts';

/** With more letters than this, options do not fit beside each other on a narrow screen. */
const MAX_LETTERS_ABREAST = 30;

interface FieldProps {
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

function TextField({ value, onChange, ...props }: FieldInputProps<string>) {
  const { field, description } = props;
  const notice = field.multiline ? undefined : pasteNotice(value, true);
  const input = {
    ...PLAIN_TEXT,
    ...labelsOf({ ...props, description: withNotices(description, notice) }),
    placeholder: field.placeholder ?? String(defaultOf(field) ?? ''),
    value,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onChange(event.currentTarget.value),
  };
  return field.multiline ? (
    <Textarea {...input} autosize minRows={4} maxRows={14} classNames={{ input: classes.multiline }} />
  ) : (
    <TextInput {...input} />
  );
}

interface NumberFieldProps extends Omit<FieldInputProps<FieldValue>, 'value'> {
  readonly value: string | number;
}

/** An integer. A value out of range stays as it was typed, and gets an error. */
function NumberField({ value, onChange, ...props }: NumberFieldProps) {
  return (
    <NumberInput
      {...labelsOf(props)}
      placeholder={props.field.placeholder}
      value={value}
      onChange={onChange}
      allowDecimal={false}
      clampBehavior="none"
      hideControls
      autoComplete="off"
      styles={{ wrapper: { maxWidth: 160 } }}
    />
  );
}

/** One of a few values: side by side where they fit, otherwise in a list. */
function ChoiceField({ value, onChange, ...props }: FieldInputProps<string>) {
  const { field } = props;
  const label = useId();
  const data = field.options ?? [];
  const letters = data.reduce((sum, option) => sum + option.label.length, 0);
  if (letters > MAX_LETTERS_ABREAST || data.length < 2) {
    return (
      <Select
        {...labelsOf(props)}
        placeholder={field.placeholder}
        data={data}
        value={value === '' ? null : value}
        onChange={(next) => onChange(next ?? '')}
        allowDeselect={false}
        clearable={!field.required && field.schema['default'] === undefined}
      />
    );
  }
  return (
    <Input.Wrapper {...labelsOf(props)} labelElement="div" labelProps={{ id: label }}>
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
