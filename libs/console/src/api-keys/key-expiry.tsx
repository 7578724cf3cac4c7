import { Group, Select, TextInput } from '@mantine/core';

const DAY_MS = 24 * 60 * 60_000;

const CHOICES = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In 1 year' },
  { value: 'date', label: 'On a date…' },
];

export interface Expiry {
  readonly choice: string;
  /** The last day, as YYYY-MM-DD; used if the choice is `date`. */
  readonly date: string;
}

export const NO_EXPIRY: Expiry = { choice: 'never', date: '' };

/** @returns the time to send: of a date, the end of that day in the user's time zone; undefined while there is no date */
export function expiresAtOf({ choice, date }: Expiry, now: Date): string | null | undefined {
  if (choice === 'never') return null;
  const time = choice === 'date' ? endOfDay(date) : new Date(now.getTime() + Number(choice) * DAY_MS);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** Whether a date was entered, where one is needed. */
export function isComplete({ choice, date }: Expiry): boolean {
  return choice !== 'date' || !Number.isNaN(endOfDay(date).getTime());
}

function endOfDay(date: string): Date {
  return new Date(`${date}T23:59:59`);
}

interface KeyExpiryProps {
  readonly value: Expiry;
  readonly onChange: (expiry: Expiry) => void;
  readonly error?: string | undefined;
}

/** Selects when a key expires. */
export function KeyExpiry({ value, onChange, error }: KeyExpiryProps) {
  const isDate = value.choice === 'date';
  return (
    <Group align="flex-start" grow gap="md">
      <Select
        label="Expires"
        data={CHOICES}
        value={value.choice}
        onChange={(choice) => onChange({ ...value, choice: choice ?? NO_EXPIRY.choice })}
        allowDeselect={false}
        error={isDate ? undefined : error}
        errorProps={{ role: 'alert' }}
      />
      {isDate && (
        <TextInput
          type="date"
          label="Last day"
          required
          value={value.date}
          onChange={(event) => onChange({ ...value, date: event.currentTarget.value })}
          error={error}
          errorProps={{ role: 'alert' }}
        />
      )}
    </Group>
  );
}
