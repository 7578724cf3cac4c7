import {
  Autocomplete,
  type AutocompleteProps,
  SimpleGrid,
  TextInput,
  type TextInputProps,
  UnstyledButton,
} from '@mantine/core';
import { LIMITS } from '../api/rules.ts';
import classes from './sender.module.css';
import { type Sender, senderAt, type SenderConnection, type SenderErrors } from './sender.ts';

interface SenderFieldsProps {
  readonly value: Sender;
  readonly onChange: (sender: Sender) => void;
  /** The connection whose sender fills the fields in; undefined until one is selected. */
  readonly connection: Pick<SenderConnection, 'fromEmail' | 'fromName' | 'senders'> | undefined;
  readonly errors?: SenderErrors | undefined;
  readonly disabled?: boolean | undefined;
}

/** From email and From name of a message, to be chosen among the senders of the connection or typed. */
export function SenderFields({ value, onChange, connection, errors, disabled }: SenderFieldsProps) {
  const set = (change: Partial<Sender>) => onChange({ ...value, ...change });
  const replyTo = senderAt(connection, value.fromEmail)?.replyTo;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
      <SenderField
        label="From email"
        type="email"
        inputMode="email"
        placeholder="news@example.com"
        isRequired
        value={value.fromEmail}
        onChange={(fromEmail) => set({ fromEmail })}
        ownValue={connection?.fromEmail}
        options={connection?.senders.map(({ email }) => email)}
        onPick={(email) => set({ fromEmail: email, fromName: senderAt(connection, email)?.name ?? '' })}
        more={replyTo === undefined ? undefined : `Replies go to ${replyTo}.`}
        missing="This connection has no default sender. Enter an address that is verified with your vendor."
        error={errors?.fromEmail}
        disabled={disabled}
      />
      <SenderField
        label="From name"
        maxLength={LIMITS.fromNameLength}
        value={value.fromName}
        onChange={(fromName) => set({ fromName })}
        ownValue={connection?.fromName}
        error={errors?.fromName}
        disabled={disabled}
      />
    </SimpleGrid>
  );
}

interface SenderFieldProps extends Pick<TextInputProps, 'label' | 'type' | 'placeholder' | 'inputMode' | 'maxLength'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The connection's own value; null if it has none, undefined while no connection is selected. */
  readonly ownValue: string | null | undefined;
  /** Shown if the connection has no value of its own. */
  readonly missing?: string | undefined;
  /** The values that are offered, if there is more than one. */
  readonly options?: readonly string[] | undefined;
  /** Called instead of `onChange` for one of them. */
  readonly onPick?: (value: string) => void;
  /** What else to know about the value. */
  readonly more?: string | undefined;
  readonly isRequired?: boolean;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** A field of the sender, filled in from the connection. If something else was typed, it offers the connection's value. */
function SenderField(props: SenderFieldProps) {
  const {
    label,
    type,
    inputMode,
    placeholder,
    maxLength,
    value,
    onChange,
    isRequired = false,
    options = [],
    onPick = onChange,
    error,
    disabled,
  } = props;
  const field: Omit<TextInputProps, 'onChange'> = {
    label,
    type,
    inputMode,
    placeholder,
    maxLength,
    error,
    disabled: disabled === true,
    withAsterisk: isRequired,
    'aria-required': isRequired,
    autoComplete: 'off',
    spellCheck: false,
    inputWrapperOrder: ['label', 'input', 'error', 'description'],
    description: noteOf(props),
  };
  if (options.length < 2) {
    return <TextInput {...field} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <Autocomplete
      {...(field as Omit<AutocompleteProps, 'onChange' | 'value'>)}
      value={value}
      onChange={(changed) => (options.includes(changed) ? onPick : onChange)(changed)}
      data={[...options]}
      // All of them are offered, also while one of them is entered.
      filter={({ options: all }) => all}
    />
  );
}

function noteOf(props: SenderFieldProps) {
  const { more } = props;
  const ofDefault = noteOfDefault(props);
  if (more === undefined) return ofDefault;
  return (
    <>
      <span className={classes.own}>{more}</span> {ofDefault}
    </>
  );
}

function noteOfDefault({ value, onChange, ownValue, missing, disabled }: SenderFieldProps) {
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
