import type { SecretState, VendorField } from '../../api/types.ts';
import { ChoiceField } from './choice-field.tsx';
import type { FieldInputProps } from './field-input-props.ts';
import { type FieldValue, pathOf } from './fields.ts';
import { FormItem } from './form-item.tsx';
import { KEPT } from './form-values.ts';
import { NumberField } from './number-field.tsx';
import type { Renewal } from './renewal.ts';
import { SecretField } from './secret-field.tsx';
import { SwitchField } from './switch-field.tsx';
import { TextField } from './text-field.tsx';
import type { ConnectionFormState } from './use-connection-form.ts';
import { changed } from './validate.ts';

export interface FieldProps {
  readonly field: VendorField;
  readonly form: ConnectionFormState;
  readonly renewal: Renewal;
  /** What is known of a secret that is stored. */
  readonly stored?: SecretState | undefined;
}

/** One field of the vendor, with the input that its description asks for. */
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
            mustRenew ? `${changed(renewal)}, which decides where this is sent: enter it again.` : undefined
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
  if (field.type === 'integer')
    return <NumberField {...props} value={value === true || value === false ? '' : value} />;
  return field.options === undefined ? (
    <TextField {...props} value={String(value)} />
  ) : (
    <ChoiceField {...props} value={String(value)} />
  );
}
