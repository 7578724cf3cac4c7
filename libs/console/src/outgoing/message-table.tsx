import { Link } from '@tanstack/react-router';
import type { WebhookMessage, WebhookMessageState } from '../api/types.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import tableClasses from '../ui/table/data-table.module.css';
import { DataRow, DataTable, DataTableSkeleton, focusWhenRendered } from '../ui/table/data-table.tsx';
import classes from './outgoing.module.css';
import { attemptInWords, contentInWords, lookOfMessage } from './outgoing-words.ts';

const TABLE = {
  label: 'Messages',
  columns: ['State', 'Content', 'Attempts', 'Last response', 'Created'],
  className: classes.table,
} as const;

interface MessageTableProps {
  /** The endpoint. */
  readonly id: string;
  /** The filter, which the links keep. */
  readonly state: WebhookMessageState | undefined;
  readonly messages: readonly WebhookMessage[];
  /** While those of another filter are being loaded. */
  readonly isStale: boolean;
}

export function MessageTable({ id, state, messages, isStale }: MessageTableProps) {
  return (
    <DataTable {...TABLE} isStale={isStale}>
      {messages.map((message) => {
        const { label, tone } = lookOfMessage(message);
        const content = contentInWords(message);
        const [last] = message.attempts;
        return (
          <DataRow key={message.id}>
            <td role="cell">
              <Status tone={tone}>{label}</Status>
            </td>
            <td role="cell" data-column="Content">
              <Link
                id={rowLinkId(message.id)}
                to="/outgoing-webhooks/$id"
                params={{ id }}
                search={{ ...(state && { state }), message: message.id }}
                resetScroll={false}
                className={tableClasses.link}
                aria-label={`${label}, ${content}: open`}
                aria-current={false}
              >
                {content}
              </Link>
            </td>
            <td role="cell" data-column="Attempts">
              {String(message.attempts.length)}
            </td>
            <td role="cell" data-column="Last response">
              {last === undefined ? '–' : attemptInWords(last)}
            </td>
            <td role="cell" data-column="Created">
              <RelativeTime at={message.createdAt} />
            </td>
          </DataRow>
        );
      })}
    </DataTable>
  );
}

export function MessageTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={6} />;
}

/** The element id of the link in a message's row. */
function rowLinkId(messageId: string): string {
  return `message-${messageId}`;
}

/** Focuses the row of a message as soon as it is rendered. */
export function focusRow(messageId: string, options?: FocusOptions): void {
  focusWhenRendered(rowLinkId(messageId), options);
}
