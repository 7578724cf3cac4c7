import { Skeleton, Text, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Connection } from '../../api/types.ts';
import { DataRow, DataTable, DataTableSkeleton } from '../../ui/data-table.tsx';
import tableClasses from '../../ui/data-table.module.css';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { VendorMark } from '../../ui/vendor-mark.tsx';
import { useVendorName } from '../../vendors/use-vendor-name.ts';
import { ConnectionState, WebhookStatus } from '../connection-state.tsx';
import classes from './connection-table.module.css';

const TABLE = {
  label: 'Connections',
  columns: ['Name', 'Sender', 'Test', 'Webhook', 'Last event', 'Used by'],
  className: classes.table,
} as const;

export interface ConnectionTableProps {
  readonly connections: readonly Connection[];
  /** While another filter is still being asked for. */
  readonly isStale: boolean;
}

export function ConnectionTable({ connections, isStale }: ConnectionTableProps) {
  return (
    <DataTable {...TABLE} isStale={isStale}>
      {connections.map((connection) => (
        <Row key={connection.id} connection={connection} />
      ))}
    </DataTable>
  );
}

export function ConnectionTableSkeleton() {
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">Loading the connections</VisuallyHidden>
      <DataTableSkeleton {...TABLE} rows={6} first={<NameSkeleton />} />
    </div>
  );
}

function NameSkeleton() {
  return (
    <div className={classes.name}>
      <Skeleton w={36} h={36} radius={10} />
      <div className={classes.names}>
        <Skeleton w="60%" h={12} my={4} />
        <Skeleton w="40%" h={10} my={4} />
      </div>
    </div>
  );
}

function Row({ connection }: { readonly connection: Connection }) {
  const { id, name, vendor, fromEmail, webhook, usages } = connection;
  const vendorName = useVendorName(vendor);
  return (
    <DataRow>
      <td role="cell">
        <div className={classes.name}>
          <VendorMark vendor={vendor} displayName={vendorName} size={36} />
          <div className={classes.names}>
            <Link to="/connections/$id" params={{ id }} className={tableClasses.link}>
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
    </DataRow>
  );
}

function Nothing({ children }: { readonly children: string }) {
  return <span className={classes.nothing}>{children}</span>;
}
