import { TextInput, type TextInputProps, UnstyledButton } from '@mantine/core';
import classes from './sender-field.module.css';

export interface SenderFieldProps extends Pick<
  TextInputProps,
  'label' | 'type' | 'placeholder' | 'inputMode' | 'maxLength'
> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The connection's own value; null if it has none, undefined while no connection is selected. */
  readonly ownValue: string | null | undefined;
  /** Shown if the connection has no value of its own. */
  readonly missing?: string | undefined;
  readonly isRequired?: boolean;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** A field of the sender, filled in from the connection. If something else was typed, it offers the connection's value. */
export function SenderField(props: SenderFieldProps) {
  const {
    label,
    type,
    inputMode,
    placeholder,
    maxLength,
    value,
    onChange,
    isRequired = false,
    error,
    disabled,
  } = props;
  return (
    <TextInput
      label={label}
      type={type}
      inputMode={inputMode}
      placeholder={placeholder}
      maxLength={maxLength}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      disabled={disabled === true}
      withAsterisk={isRequired}
      aria-required={isRequired}
      autoComplete="off"
      spellCheck={false}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description={noteOf(props)}
    />
  );
}

function noteOf({ value, onChange, ownValue, missing, disabled }: SenderFieldProps) {
  if (ownValue === null && missing !== undefined) return <span className={classes.missing}>{missing}</span>;
  if (ownValue === undefined || ownValue === null || value === ownValue) return undefined;
  return (
    <span className={classes.own}>
      Connection default: {ownValue}.
      {disabled !== true && (
        <UnstyledButton className={classes.reset} onClick={() => onChange(ownValue)}>
          Use default
        </UnstyledButton>
      )}
    </span>
  );
}
