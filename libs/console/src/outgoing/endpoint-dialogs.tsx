import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { endpointQuery, OUTGOING_KEY } from '../api/outgoing-queries.ts';
import type { NewWebhookEndpoint, WebhookEndpoint } from '../api/types.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { EndpointForm, type EndpointValues } from './endpoint-form.tsx';

interface DialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

interface EndpointDialogProps extends DialogProps {
  readonly endpoint: WebhookEndpoint;
}

interface SecretDialogProps extends DialogProps {
  readonly title: string;
  /** The dialog before there is a secret. */
  readonly children: (onSecret: (endpoint: NewWebhookEndpoint) => void) => ReactNode;
}

/** A dialog that ends with a secret, which is shown once. */
function SecretDialog({ opened, onClose, title, children }: SecretDialogProps) {
  const [shown, setShown] = useState<NewWebhookEndpoint>();
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      // The secret leaves memory when the dialog has faded out.
      onExitTransitionEnd={() => setShown(undefined)}
      closeOnClickOutside={shown === undefined}
      closeOnEscape={shown === undefined}
      title={shown === undefined ? title : 'Your signing secret'}
    >
      {shown === undefined ? (
        children(setShown)
      ) : (
        <Stack>
          <Text>
            Copy this secret now. You won’t see it again. Your system verifies the signature of messages with it.
          </Text>
          <CopyField label="Signing secret" value={shown.secret} />
          {shown.previousSecretUntil !== null && (
            <Text size="sm" c="dimmed">
              For 24 hours, messages are also signed with the previous secret.
            </Text>
          )}
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

export function CreateEndpointDialog(props: DialogProps) {
  return (
    <SecretDialog {...props} title="Add endpoint">
      {(onSecret) => <CreateEndpoint onCreated={onSecret} />}
    </SecretDialog>
  );
}

function CreateEndpoint({ onCreated }: { readonly onCreated: (endpoint: NewWebhookEndpoint) => void }) {
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (body: EndpointValues) => bodyOf(api.POST('/api/v1/webhook-endpoints', { body })),
    onSuccess: (endpoint) => {
      void queryClient.invalidateQueries({ queryKey: OUTGOING_KEY });
      onCreated(endpoint);
    },
    // Past calls must not keep the secret in memory.
    gcTime: 0,
  });
  return (
    <EndpointForm
      action="Add endpoint"
      isBusy={create.isPending}
      error={create.error}
      failure="Could not add the endpoint"
      onSubmit={(values) => create.mutate(values)}
    />
  );
}

export function EditEndpointDialog({ endpoint, opened, onClose }: EndpointDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Edit endpoint">
      <EditEndpoint endpoint={endpoint} onClose={onClose} />
    </Dialog>
  );
}

function EditEndpoint({ endpoint, onClose }: Omit<EndpointDialogProps, 'opened'>) {
  // The endpoint is reloaded while the dialog is open: another user's change must not be overwritten.
  const [{ id, version }] = useState(endpoint);
  const change = useChangeEndpoint(id, version);
  return (
    <EndpointForm
      endpoint={endpoint}
      action="Save"
      isBusy={change.isPending}
      error={change.error}
      failure="Could not save the endpoint"
      onSubmit={(values) =>
        change.mutate(values, {
          onSuccess: () => {
            notifications.show({ message: 'Endpoint saved' });
            onClose();
          },
        })
      }
    />
  );
}

/** Changes an endpoint, if it still has this version. */
export function useChangeEndpoint(id: string, version: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<EndpointValues> & { readonly state?: WebhookEndpoint['state'] }) => {
      const params = { path: { id }, header: { 'If-Match': `"${String(version)}"` } };
      return bodyOf(api.PATCH('/api/v1/webhook-endpoints/{id}', { params, body }));
    },
    onSuccess: (changed) => queryClient.setQueryData(endpointQuery(id).queryKey, changed),
    onSettled: () => queryClient.invalidateQueries({ queryKey: OUTGOING_KEY }),
  });
}

export function RotateSecretDialog({ endpoint, opened, onClose }: EndpointDialogProps) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title="Rotate the signing secret?">
      {(onSecret) => <RotateSecret endpoint={endpoint} onClose={onClose} onRotated={onSecret} />}
    </SecretDialog>
  );
}

interface RotateSecretProps extends Omit<EndpointDialogProps, 'opened'> {
  readonly onRotated: (endpoint: NewWebhookEndpoint) => void;
}

function RotateSecret({ endpoint: { id }, onClose, onRotated }: RotateSecretProps) {
  const queryClient = useQueryClient();
  const rotate = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/webhook-endpoints/{id}/rotate-secret', { params: { path: { id } } })),
    onSuccess: (endpoint) => {
      void queryClient.invalidateQueries({ queryKey: OUTGOING_KEY });
      onRotated(endpoint);
    },
    gcTime: 0,
  });
  return (
    <Confirmation
      text="You get a new secret. For 24 hours, messages are signed with the new and the previous secret, so that you can deploy the new one in between."
      action="Rotate secret"
      isBusy={rotate.isPending}
      error={rotate.error}
      failure="Could not rotate the secret"
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    />
  );
}

interface DeleteEndpointDialogProps extends EndpointDialogProps {
  readonly onDeleted: () => void;
}

export function DeleteEndpointDialog({ endpoint: { id }, opened, onClose, onDeleted }: DeleteEndpointDialogProps) {
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/webhook-endpoints/{id}', { params: { path: { id } } }),
    onSuccess: () => {
      notifications.show({ message: 'Endpoint deleted' });
      onClose();
      onDeleted();
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} onExitTransitionEnd={() => remove.reset()} title="Delete this endpoint?">
      <Confirmation
        text="It receives no further events, and messages that are waiting are not sent. This can’t be undone."
        action="Delete"
        isDangerous
        isBusy={remove.isPending}
        error={remove.error}
        failure="Could not delete the endpoint"
        onConfirm={() => remove.mutate()}
        onClose={onClose}
      />
    </Dialog>
  );
}

const HOUR_MS = 60 * 60_000;
const PERIODS = [
  { value: '24', label: 'In the last 24 hours' },
  { value: '168', label: 'In the last 7 days' },
  { value: '720', label: 'In the last 30 days' },
];

export function ReplayDialog({ endpoint, opened, onClose }: EndpointDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Send failed messages again?">
      <ReplayMessages endpoint={endpoint} onClose={onClose} />
    </Dialog>
  );
}

function ReplayMessages({ endpoint: { id }, onClose }: Omit<EndpointDialogProps, 'opened'>) {
  const queryClient = useQueryClient();
  const [hours, setHours] = useState('24');
  const replay = useMutation({
    mutationFn: () => {
      const body = { from: new Date(Date.now() - Number(hours) * HOUR_MS).toISOString() };
      return bodyOf(api.POST('/api/v1/webhook-endpoints/{id}/replay', { params: { path: { id } }, body }));
    },
    onSuccess: ({ messages }) => {
      void queryClient.invalidateQueries({ queryKey: OUTGOING_KEY });
      const count = messages === 1 ? '1 message' : `${String(messages)} messages`;
      notifications.show({ message: messages === 0 ? 'No message has failed in this time' : `Sending ${count} again` });
      onClose();
    },
  });
  return (
    <Confirmation
      text="Messages keep their ID, so that your system can recognize those that it has processed."
      action="Send again"
      isBusy={replay.isPending}
      error={replay.error}
      failure="Could not send the messages again"
      onConfirm={() => replay.mutate()}
      onClose={onClose}
    >
      <Select
        label="Created"
        data={PERIODS}
        value={hours}
        onChange={(value) => setHours(value ?? '24')}
        allowDeselect={false}
      />
    </Confirmation>
  );
}

interface ConfirmationProps {
  readonly text: string;
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly failure: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

function Confirmation({ text, action, isDangerous = false, children, ...props }: ConfirmationProps) {
  const { isBusy, error, failure, onConfirm, onClose } = props;
  return (
    <Stack>
      <Text>{text}</Text>
      {children}
      {error !== null && <Failure error={error} title={failure} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <BusyButton {...(isDangerous ? { color: 'danger' } : {})} isBusy={isBusy} onClick={onConfirm}>
          {action}
        </BusyButton>
      </Group>
    </Stack>
  );
}
