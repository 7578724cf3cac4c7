import { Breadcrumbs, Button, Menu, Skeleton, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconChevronDown,
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconRefresh,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { endpointQuery, OUTGOING_KEY } from '../api/outgoing-queries.ts';
import { Problem } from '../api/problem.ts';
import type { WebhookEndpoint } from '../api/types.ts';
import { NotFoundPage } from '../app/error-pages.tsx';
import { useMayManageAll } from '../session/session.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Card, Fact, Facts } from '../ui/card.tsx';
import { Failure, FailureBox } from '../ui/failure.tsx';
import { useTitle } from '../ui/page.tsx';
import { ExactTime, Moment } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import {
  DeleteEndpointDialog,
  EditEndpointDialog,
  ReplayDialog,
  RotateSecretDialog,
  useChangeEndpoint,
} from './endpoint-dialogs.tsx';
import { Messages } from './messages.tsx';
import classes from './outgoing.module.css';
import { NoAccess } from './outgoing-page.tsx';
import { attemptInWords, kindsInWords, lookOfEndpoint, REASONS } from './outgoing-words.ts';

const route = getRouteApi('/app/outgoing-webhooks/$id');

/** One endpoint: its settings, its state and what was sent to it. */
export function EndpointPage() {
  useTitle('Endpoint · Outgoing webhooks');
  return useMayManageAll() ? <Endpoint /> : <NoAccess />;
}

function Endpoint() {
  const { id } = route.useParams();
  const { data: endpoint, error, refetch } = useQuery(endpointQuery(id));
  if (endpoint === undefined && error instanceof Problem && error.status === 404) return <NotFoundPage />;
  return (
    <>
      <Breadcrumbs className={classes.trail} component="nav" aria-label="Breadcrumbs">
        <Link to="/outgoing-webhooks">Outgoing webhooks</Link>
        <Text span inherit c="dimmed" truncate>
          Endpoint
        </Text>
      </Breadcrumbs>
      {endpoint !== undefined ? (
        <Content endpoint={endpoint} />
      ) : (
        <>
          <VisuallyHidden component="h1">Endpoint</VisuallyHidden>
          {error === null ? (
            <Skeleton h={320} />
          ) : (
            <Failure error={error} title="Could not load the endpoint" onRetry={() => void refetch()} />
          )}
        </>
      )}
    </>
  );
}

function Content({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { url, description, kinds, createdAt, lastSuccessAt, previousSecretUntil } = endpoint;
  const { label, tone } = lookOfEndpoint(endpoint);
  return (
    <Stack gap="lg">
      <header className={classes.header}>
        <div className={classes.names}>
          <Title order={1} className={classes.title}>
            {url}
          </Title>
          <Status tone={tone}>{label}</Status>
        </div>
        <Actions endpoint={endpoint} />
      </header>
      <Notice endpoint={endpoint} />
      <Card title="Endpoint">
        <Facts>
          {description !== null && <Fact name="Description">{description}</Fact>}
          <Fact name="Events">{kindsInWords(kinds)}</Fact>
          <Fact name="Last delivered">{lastSuccessAt === null ? 'Never' : <Moment at={lastSuccessAt} />}</Fact>
          {previousSecretUntil !== null && (
            <Fact name="Previous secret">
              Also signs messages until <ExactTime at={previousSecretUntil} />
            </Fact>
          )}
          <Fact name="Created">
            <Moment at={createdAt} />
          </Fact>
        </Facts>
      </Card>
      <Messages endpoint={endpoint} />
    </Stack>
  );
}

/** Why nothing, or not everything, is delivered. */
function Notice({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { id, version, state, stateReason, stateSince, failingSince } = endpoint;
  const change = useChangeEndpoint(id, version);
  if (state === 'enabled') {
    if (failingSince === null) return null;
    return (
      <FailureBox>
        <Text size="sm">
          The endpoint has been failing since <Moment at={failingSince} />. Messages are repeated for 3 days; then it is
          disabled.
        </Text>
      </FailureBox>
    );
  }
  return (
    <FailureBox>
      <Text size="sm">{stateReason !== null && REASONS[stateReason]}</Text>
      <Text size="sm" c="dimmed">
        Since <Moment at={stateSince} />. When you enable it, it receives the events since then.
      </Text>
      {change.error !== null && <Failure error={change.error} title="Could not enable the endpoint" />}
      <BusyButton
        size="xs"
        mt="xs"
        isBusy={change.isPending}
        onClick={() =>
          change.mutate({ state: 'enabled' }, { onSuccess: () => notifications.show({ message: 'Endpoint enabled' }) })
        }
      >
        Enable
      </BusyButton>
    </FailureBox>
  );
}

function Actions({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { id, version, state } = endpoint;
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const [isEditing, edit] = useDisclosure(false);
  const [isRotating, rotation] = useDisclosure(false);
  const [isReplaying, replay] = useDisclosure(false);
  const [isDeleting, deletion] = useDisclosure(false);
  const change = useChangeEndpoint(id, version);
  const target = useRef<HTMLButtonElement>(null);
  const test = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/webhook-endpoints/{id}/test', { params: { path: { id } } })),
    onSuccess: ({ state, attempts: [attempt] }) => {
      const result = attempt === undefined ? '' : ` (${attemptInWords(attempt)})`;
      const message = state === 'delivered' ? 'Test message delivered' : 'Test message failed';
      notifications.show({ message: `${message}${result}`, ...(state === 'delivered' ? {} : { color: 'danger' }) });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: OUTGOING_KEY }),
  });
  /** The item that opened the dialog is gone: the focus returns to the menu's button. */
  const andFocus = (close: () => void) => () => {
    close();
    setTimeout(() => target.current?.focus({ preventScroll: true }));
  };
  const leave = () => {
    void navigate({ to: '/outgoing-webhooks' }).then(() => queryClient.invalidateQueries({ queryKey: OUTGOING_KEY }));
  };
  const disable = () => {
    change.mutate(
      { state: 'disabled' },
      {
        onSuccess: () => notifications.show({ message: 'Endpoint disabled' }),
        onError: () => notifications.show({ message: 'Could not disable the endpoint', color: 'danger' }),
      },
    );
  };
  const icon = { size: 16, 'aria-hidden': true };
  return (
    <div className={classes.actions}>
      <BusyButton
        variant="default"
        leftSection={<IconSend {...icon} />}
        isBusy={test.isPending}
        onClick={() => test.mutate()}
      >
        Send test
      </BusyButton>
      <Menu
        position="bottom-end"
        width={200}
        // Inside of a landmark, and without the placeholder that a menu may not contain.
        portalProps={{ target: 'main' }}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <Button ref={target} variant="default" rightSection={<IconChevronDown {...icon} />}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown aria-label="Actions">
          <Menu.Item leftSection={<IconPencil {...icon} />} onClick={edit.open}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconKey {...icon} />} onClick={rotation.open}>
            Rotate secret
          </Menu.Item>
          {state === 'enabled' && (
            <>
              <Menu.Item leftSection={<IconRefresh {...icon} />} onClick={replay.open}>
                Send failed again
              </Menu.Item>
              <Menu.Item leftSection={<IconPlayerPause {...icon} />} onClick={disable}>
                Disable
              </Menu.Item>
            </>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash {...icon} />} color="var(--bad)" onClick={deletion.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {test.error !== null && <Failure error={test.error} title="Could not send a test message" />}
      <EditEndpointDialog endpoint={endpoint} opened={isEditing} onClose={andFocus(edit.close)} />
      <RotateSecretDialog endpoint={endpoint} opened={isRotating} onClose={andFocus(rotation.close)} />
      <ReplayDialog endpoint={endpoint} opened={isReplaying} onClose={andFocus(replay.close)} />
      <DeleteEndpointDialog
        endpoint={endpoint}
        opened={isDeleting}
        onClose={andFocus(deletion.close)}
        onDeleted={leave}
      />
    </div>
  );
}
