import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { apiKeysQuery } from '../api/queries.ts';
import type { NewApiKey, Scope } from '../api/types.ts';
import { BusyButton } from '../ui/busy-button.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { KeyConnections } from './key-connections.tsx';
import { SCOPES } from './scopes.ts';

export interface CreateKeyDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function CreateKeyDialog({ opened, onClose }: CreateKeyDialogProps) {
  const [created, setCreated] = useState<NewApiKey | undefined>();
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      // The key is forgotten only when nobody sees the dialog any more.
      onExitTransitionEnd={() => setCreated(undefined)}
      closeOnClickOutside={created === undefined}
      closeOnEscape={created === undefined}
      title={created === undefined ? 'Create an API key' : 'Your new API key'}
    >
      {created === undefined ? (
        <CreateKeyForm onCreated={setCreated} />
      ) : (
        <Stack>
          <Text>
            Copy <b>{created.name}</b> now and keep it where secrets are kept. It is not shown again.
          </Text>
          <CopyField label="API key" value={created.key} />
          <Group justify="flex-end">
            <Button onClick={onClose}>I have copied it</Button>
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
  const [connections, setConnections] = useState<readonly string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const create = useMutation({
    mutationFn: () => {
      const connectionIds = connections.length === 0 ? null : [...connections];
      return bodyOf(api.POST('/api/v1/api-keys', { body: { name, scope, connectionIds } }));
    },
    onSuccess: (key) => {
      void queryClient.invalidateQueries(apiKeysQuery);
      onCreated(key);
    },
    // The key must not stay in the memory of past calls.
    gcTime: 0,
  });
  const nameFault = faultAt('/name', create.error);
  const connectionsFault = faultAt('/connectionIds', create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    create.mutate(undefined, { onError: (error) => faultAt('/name', error) !== undefined && field.current?.focus() });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="What uses it, so that you know it again: Campaign service"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={nameFault}
          errorProps={{ role: 'alert' }}
          ref={field}
          required
          data-autofocus
        />
        <Radio.Group label="Right" value={scope} onChange={(value) => setScope(value)}>
          <Stack gap="xs" mt="xs">
            {Object.entries(SCOPES).map(([value, { label, description }]) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        <KeyConnections value={connections} onChange={setConnections} error={connectionsFault} />
        {create.error !== null && nameFault === undefined && connectionsFault === undefined && (
          <Failure error={create.error} title="The key is not made" />
        )}
        <Group justify="flex-end">
          <BusyButton type="submit" isBusy={create.isPending} disabled={name.trim() === ''}>
            Create API key
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

function faultAt(pointer: string, error: Error | null): string | undefined {
  const faults = error instanceof Problem ? (error.body.errors ?? []) : [];
  return faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.message;
}
