import { SimpleGrid } from '@mantine/core';
import type { Sender, SenderConnection, SenderErrors } from './sender.ts';
import { SenderField } from './sender-field.tsx';

export interface SenderFieldsProps {
  readonly value: Sender;
  readonly onChange: (sender: Sender) => void;
  /** The connection whose sender fills the fields in; undefined until one is selected. */
  readonly connection: Pick<SenderConnection, 'fromEmail' | 'fromName'> | undefined;
  readonly errors?: SenderErrors | undefined;
  readonly disabled?: boolean | undefined;
}

/** From email and From name of a message. */
export function SenderFields({ value, onChange, connection, errors, disabled }: SenderFieldsProps) {
  const set = (change: Partial<Sender>) => onChange({ ...value, ...change });
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
        missing="This connection has no default sender. Enter an address that is verified with your vendor."
        error={errors?.fromEmail}
        disabled={disabled}
      />
      <SenderField
        label="From name"
        maxLength={200}
        value={value.fromName}
        onChange={(fromName) => set({ fromName })}
        ownValue={connection?.fromName}
        error={errors?.fromName}
        disabled={disabled}
      />
    </SimpleGrid>
  );
}
