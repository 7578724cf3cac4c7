import { Text, TextInput } from '@mantine/core';

interface TimeFieldProps {
  readonly label: string;
  /** ISO 8601, UTC. */
  readonly value: string | undefined;
  readonly onChange: (time: string | undefined) => void;
  readonly error?: string | undefined;
  readonly className?: string | undefined;
}

/** A time in the user's time zone, in minutes. */
export function TimeField({ label, value, onChange, error, className }: TimeFieldProps) {
  return (
    <TextInput
      className={className}
      type="datetime-local"
      aria-label={label}
      leftSection={<Text size="sm">{label}</Text>}
      leftSectionWidth={52}
      value={value === undefined ? '' : localTime(new Date(value))}
      onChange={(event) => {
        const time = new Date(event.currentTarget.value);
        onChange(Number.isNaN(time.getTime()) ? undefined : time.toISOString());
      }}
      error={error}
      errorProps={{ role: 'alert' }}
    />
  );
}

/** As the field has it: `2026-01-31T08:00`. */
function localTime(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
