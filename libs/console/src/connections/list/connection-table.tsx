import { Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection } from '../../api/types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { VendorMark } from '../../ui/vendor-mark.tsx';
import { useVendorName } from '../../vendors/use-vendor-name.ts';
import { ConnectionState, WebhookStatus } from '../connection-state.tsx';
import classes from './connection-table.module.css';

const COLUMNS = ['Name', 'Sender', 'Test', 'Webhook', 'Last event', 'Used by'] as const;
const SKELETON_ROWS = Array.from({ length: 6 }, (_, index) => index);

export interface ConnectionTableProps {
  readonly connections: readonly Connection[];
  /** While another filter is still being asked for. */
  readonly isStale: boolean;
}

export function ConnectionTable({ connections, isStale }: ConnectionTableProps) {
  return (
    <Frame isStale={isStale}>
      {connections.map((connection) => (
        <Row key={connection.id} connection={connection} />
      ))}
    </Frame>
  );
}

/** Rows as high as the ones that come. */
export function ConnectionTableSkeleton() {
  return (
    <div aria-busy="true">
      <span className={classes.announced} role="status">
        Loading the connections
      </span>
      <div aria-hidden>
        <Frame isStale={false}>
          {SKELETON_ROWS.map((row) => (
            <tr key={row} className={classes.row}>
              <td>
                <div className={classes.name}>
                  <Skeleton w={36} h={36} radius={10} />
                  <div className={classes.names}>
                    <Skeleton w="60%" h={12} my={4} />
                    <Skeleton w="40%" h={10} my={4} />
                  </div>
                </div>
              </td>
              {COLUMNS.slice(1).map((column) => (
                <td key={column} data-column={column}>
                  <Skeleton w="70%" h={12} />
                </td>
              ))}
            </tr>
          ))}
        </Frame>
      </div>
    </div>
  );
}

// The roles are said once more, because a table that is laid out otherwise on narrow screens is none to some browsers.
function Frame({ isStale, children }: { readonly isStale: boolean; readonly children: ReactNode }) {
  return (
    <div className={classes.frame} data-stale={isStale}>
      <table className={classes.table} role="table" aria-label="Connections">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

function Row({ connection }: { readonly connection: Connection }) {
  const { id, name, vendor, fromEmail, webhook, usages } = connection;
  const vendorName = useVendorName(vendor);
  return (
    <tr className={classes.row} role="row">
      <td role="cell">
        <div className={classes.name}>
          <VendorMark vendor={vendor} displayName={vendorName} size={36} />
          <div className={classes.names}>
            <Link to="/connections/$id" params={{ id }} className={classes.link}>
              {name}
            </Link>
            <Text size="xs" c="dimmed">
              {vendorName}
            </Text>
          </div>
        </div>
      </td>
      <td role="cell" data-column="Sender" className={classes.sender}>
        {fromEmail ?? <Nothing>No sender</Nothing>}
      </td>
      <td role="cell" data-column="Test">
        <ConnectionState connection={connection} />
      </td>
      <td role="cell" data-column="Webhook">
        {webhook.supported ? <WebhookStatus state={webhook.state} /> : <Nothing>No webhooks</Nothing>}
      </td>
      <td role="cell" data-column="Last event" className={classes.quiet}>
        {webhook.lastEventAt === null ? <Nothing>None yet</Nothing> : <RelativeTime at={webhook.lastEventAt} />}
      </td>
      <td role="cell" data-column="Used by" className={classes.quiet}>
        {usages.total === 0 ? <Nothing>Nothing</Nothing> : `${String(usages.active)} active of ${String(usages.total)}`}
      </td>
    </tr>
  );
}

function Nothing({ children }: { readonly children: string }) {
  return <span className={classes.nothing}>{children}</span>;
}
