import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { errorAt } from '../api/problem.ts';
import { apiKeysQuery } from '../api/queries.ts';
import { LIMITS } from '../api/rules.ts';
import type { NewApiKey, Scope } from '../api/types.ts';
import { ConnectionsSelect } from '../sender/connections-select.tsx';
import { BusyButton } from '../ui/buttons.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { expiresAtOf, type Expiry, isComplete, KeyExpiry, NO_EXPIRY } from './key-expiry.tsx';

interface Words {
  readonly label: string;
  readonly description: string;
}

/** Labels of the scopes, from the smallest to the largest. */
export const SCOPES: Readonly<Record<Scope, Words>> = {
  read: { label: 'Read', description: 'View connections, tests and events. Never secrets.' },
  send: { label: 'Send', description: 'Read, send messages, and claim connections for campaigns and journeys.' },
  manage: {
    label: 'Manage',
    description: 'Full access: add, edit, test and delete connections, and create API keys.',
  },
};

interface CreateKeyDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function CreateKeyDialog({ opened, onClose }: CreateKeyDialogProps) {
  const [created, setCreated] = useState<NewApiKey | undefined>();
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      // The key leaves memory when the dialog has faded out.
      onExitTransitionEnd={() => setCreated(undefined)}
      closeOnClickOutside={created === undefined}
      closeOnEscape={created === undefined}
      title={created === undefined ? 'Create API key' : 'Your new API key'}
    >
      {created === undefined ? (
        <CreateKeyForm onCreated={setCreated} />
      ) : (
        <Stack>
          <Text>
            Copy the key <b>{created.name}</b> now. You won’t see it again.
          </Text>
          <CopyField label="API key" value={created.key} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

function CreateKeyForm({ onCreated }: { readonly onCreated: (key: NewApiKey) => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('send');
  const [expiry, setExpiry] = useState<Expiry>(NO_EXPIRY);
  const [connections, setConnections] = useState<readonly string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const create = useMutation({
    mutationFn: () => {
      const connectionIds = connections.length === 0 ? null : [...connections];
      const body = { name, scope, connectionIds, expiresAt: expiresAtOf(expiry, new Date()) ?? null };
      return bodyOf(api.POST('/api/v1/api-keys', { body }));
    },
    onSuccess: (key) => {
      void queryClient.invalidateQueries(apiKeysQuery);
      onCreated(key);
    },
    // Past calls must not keep the key in memory.
    gcTime: 0,
  });
  const nameError = errorAt('/name', create.error);
  const connectionsError = errorAt('/connectionIds', create.error);
  const expiryError = errorAt('/expiresAt', create.error);
  const canSubmit = name.trim() !== '' && isComplete(expiry);
  const isAtFields = [nameError, connectionsError, expiryError].some((message) => message !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    create.mutate(undefined, { onError: (error) => errorAt('/name', error) !== undefined && field.current?.focus() });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="Which program uses the key, such as “Campaign service”."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={nameError}
          errorProps={{ role: 'alert' }}
          ref={field}
          required
          data-autofocus
        />
        <Radio.Group label="Access" value={scope} onChange={(value) => setScope(value)}>
          <Stack gap="xs" mt="xs">
            {Object.entries(SCOPES).map(([value, { label, description }]) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        <ConnectionsSelect
          description="The key can use only these. Leave empty to allow all connections."
          placeholder="All connections"
          max={LIMITS.connectionsOfKey}
          value={connections}
          onChange={setConnections}
          error={connectionsError}
        />
        <KeyExpiry value={expiry} onChange={setExpiry} error={expiryError} />
        {create.error !== null && !isAtFields && <Failure error={create.error} title="Could not create the API key" />}
        <Group justify="flex-end">
          <BusyButton type="submit" isBusy={create.isPending} disabled={!canSubmit}>
            Create API key
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}
