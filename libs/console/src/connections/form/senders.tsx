import { ActionIcon, Button, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { FormItem, INPUT_ORDER, PLAIN_TEXT } from './form-item.tsx';
import type { FormSender } from './form-values.ts';
import classes from './form.module.css';
import type { ConnectionFormState } from './use-connection-form.ts';

const NEW: FormSender = { email: '', name: '', replyTo: '' };
const FIELDS = [
  { member: 'email', label: 'Email', placeholder: 'shop@example.com' },
  { member: 'name', label: 'Name', placeholder: 'Example Shop' },
  { member: 'replyTo', label: 'Reply-to', placeholder: 'help@example.com' },
] as const;

/** Where replies to the default sender go, and the other addresses that campaigns can send from. */
export function Senders({ form }: { readonly form: ConnectionFormState }) {
  const { senders } = form.values;
  const change = (changed: readonly FormSender[]) => form.setFieldValue('senders', [...changed]);
  const set = (index: number, field: Partial<FormSender>) =>
    change(senders.map((sender, at) => (at === index ? { ...sender, ...field } : sender)));
  return (
    <FormItem path="senders">
      <Stack gap="md">
        <TextInput
          {...PLAIN_TEXT}
          label="Reply-to"
          description="Where replies to the default sender go. Leave empty for its own address."
          type="email"
          placeholder="help@example.com"
          inputWrapperOrder={INPUT_ORDER}
          value={form.values.replyTo}
          onChange={(event) => form.setFieldValue('replyTo', event.currentTarget.value)}
          aria-invalid={form.errors['senders'] !== undefined}
        />
        {senders.map((sender, index) => (
          // Rows are only added at the end and removed: the position identifies them well enough.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} role="group" aria-label={`Sender ${String(index + 2)}`} className={classes.sender}>
            {FIELDS.map(({ member, label, placeholder }) => (
              <TextInput
                {...PLAIN_TEXT}
                key={member}
                label={label}
                type={member === 'name' ? 'text' : 'email'}
                placeholder={placeholder}
                value={sender[member]}
                onChange={(event) => set(index, { [member]: event.currentTarget.value })}
              />
            ))}
            <ActionIcon
              color="gray"
              size="lg"
              aria-label={`Remove sender ${String(index + 2)}`}
              onClick={() => change(senders.filter((_, at) => at !== index))}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        {form.errors['senders'] !== undefined && <Input.Error role="alert">{form.errors['senders']}</Input.Error>}
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => change([...senders, NEW])}
          >
            Add sender
          </Button>
        </div>
      </Stack>
    </FormItem>
  );
}
