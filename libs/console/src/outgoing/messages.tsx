import { Select, Stack, Text, Title } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { messagesQuery } from '../api/outgoing-queries.ts';
import type { WebhookEndpoint, WebhookMessageState } from '../api/types.ts';
import type { OutgoingSearch } from '../app/search.ts';
import { Failure } from '../ui/failure.tsx';
import { EmptyState } from '../ui/page.tsx';
import tableClasses from '../ui/table/data-table.module.css';
import { LoadMore } from '../ui/table/load-more.tsx';
import { MessageDrawer } from './message-drawer.tsx';
import { isMessageState, MESSAGE_STATES } from './message-states.ts';
import { focusRow, MessageTable, MessageTableSkeleton } from './message-table.tsx';
import classes from './outgoing.module.css';

const route = getRouteApi('/app/outgoing-webhooks/$id');
const ALL = 'all';
const CHOICES = [
  { value: ALL, label: 'All messages' },
  ...Object.entries(MESSAGE_STATES).map(([value, { label }]) => ({ value, label })),
];

/** What was sent to an endpoint in the last 30 days. */
export function Messages({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { id } = endpoint;
  const { state, message } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(messagesQuery(id, state));
  const show = (search: OutgoingSearch) => void navigate({ search, replace: true, resetScroll: false });
  const filterBy = (value: WebhookMessageState | undefined) => show(value === undefined ? {} : { state: value });
  const messages = list.data?.pages.flatMap((page) => page.data);
  return (
    <Stack gap="md" component="section" aria-labelledby="messages">
      <div className={classes.toolbar}>
        <div>
          <Title order={2} size="h5" id="messages">
            Messages
          </Title>
          <Text c="dimmed" size="sm" mt={2}>
            Sent in the last 30 days, newest first.
          </Text>
        </div>
        {(messages?.length !== 0 || state !== undefined) && (
          <Select
            className={classes.filter}
            aria-label="State of the messages"
            data={CHOICES}
            value={state ?? ALL}
            allowDeselect={false}
            onChange={(value) => filterBy(isMessageState(value) ? value : undefined)}
          />
        )}
      </div>
      {list.error !== null && (
        <Failure
          error={list.error}
          title={messages === undefined ? 'Could not load the messages' : 'The list may be out of date'}
          onRetry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())}
        />
      )}
      {messages === undefined ? (
        list.error === null && <MessageTableSkeleton />
      ) : messages.length > 0 ? (
        <>
          <MessageTable id={id} state={state} messages={messages} isStale={list.isPlaceholderData} />
          <LoadMore
            list={list}
            focusRow={focusRow}
            total={messages.length === 1 ? '1 message' : `${String(messages.length)} messages`}
          />
        </>
      ) : (
        <div className={tableClasses.frame}>
          <EmptyState
            icon={<IconSend size={22} />}
            title={state === undefined ? 'No messages yet' : 'No matching messages'}
            level={3}
          >
            {state === undefined
              ? 'Each message appears here with its attempts. Send a test to try the endpoint.'
              : 'None of the messages of the last 30 days is in this state.'}
          </EmptyState>
        </div>
      )}
      <MessageDrawer endpoint={endpoint} listed={messages ?? []} messageId={message} onClose={() => filterBy(state)} />
    </Stack>
  );
}
