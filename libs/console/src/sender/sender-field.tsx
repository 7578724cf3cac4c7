import { TextInput, type TextInputProps, UnstyledButton } from '@mantine/core';
import classes from './sender-field.module.css';

export interface SenderFieldProps extends Pick<
  TextInputProps,
  'label' | 'type' | 'placeholder' | 'inputMode' | 'maxLength'
> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What the picked connection fills in; null if it has nothing to. */
  readonly ownValue: string | null | undefined;
  /** What is said where the connection has nothing to fill in. */
  readonly missing?: string | undefined;
  readonly isRequired?: boolean;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** A part of the sender, filled from the connection; where something else was typed, the way back is offered. */
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
      The connection’s own is {ownValue}.
      {disabled !== true && (
        <UnstyledButton className={classes.reset} onClick={() => onChange(ownValue)}>
          Use it
        </UnstyledButton>
      )}
    </span>
  );
}
