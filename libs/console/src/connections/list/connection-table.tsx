import { Skeleton, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Connection } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import tableClasses from '../../ui/table/data-table.module.css';
import { DataRow, DataTable, DataTableSkeleton } from '../../ui/table/data-table.tsx';
import { useVendorName, VendorMark } from '../../ui/vendor.tsx';
import { ConnectionMenu } from '../connection-menu.tsx';
import { ambiguityIn, ConnectionState, idEnd, Restrictions, WebhookStatus } from '../connection-summary.tsx';
import { usageCount } from '../usages/usage-words.ts';
import classes from './list.module.css';

const COLUMNS = ['Name', 'Sender', 'Last test', 'Webhook', 'Used by'];
const ACTIONS = { label: 'Actions', isLabelHidden: true } as const;

/** Read-only users have no menu, and no empty column in its place. */
function useTable() {
  const mayManage = useMayManage();
  return {
    label: 'Connections',
    columns: mayManage ? [...COLUMNS, ACTIONS] : COLUMNS,
    className: mayManage ? `${classes.table} ${classes.withActions}` : classes.table,
  };
}

interface ConnectionTableProps {
  readonly connections: readonly Connection[];
  /** While the result of another filter is on its way. */
  readonly isStale: boolean;
}

export function ConnectionTable({ connections, isStale }: ConnectionTableProps) {
  const isAmbiguous = ambiguityIn(connections);
  return (
    <DataTable {...useTable()} isStale={isStale}>
      {connections.map((connection) => (
        <Row key={connection.id} connection={connection} isAmbiguous={isAmbiguous(connection)} />
      ))}
    </DataTable>
  );
}

export function ConnectionTableSkeleton() {
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">Loading connections</VisuallyHidden>
      <DataTableSkeleton {...useTable()} rows={6} first={<NameSkeleton />} />
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

interface RowProps {
  readonly connection: Connection;
  /** Whether another row has the same name. */
  readonly isAmbiguous: boolean;
}

function Row({ connection, isAmbiguous }: RowProps) {
  const { id, name, vendor, fromEmail, fromName, lastTest, webhook, usages } = connection;
  const vendorName = useVendorName(vendor);
  const mayManage = useMayManage();
  return (
    <DataRow>
      <td role="cell">
        <div className={classes.name}>
          <VendorMark vendor={vendor} displayName={vendorName} size={36} />
          <div className={classes.names}>
            <Link to="/connections/$id" params={{ id }} className={tableClasses.link}>
              {name}
            </Link>
            <div className={classes.below}>
              {vendorName}
              {isAmbiguous && (
                <>
                  {' · ID '}
                  <code>{idEnd(connection)}</code>
                </>
              )}
              <Restrictions connection={connection} />
            </div>
          </div>
        </div>
      </td>
      <td role="cell" data-column="Sender" className={classes.sender}>
        {fromEmail === null ? <Nothing>No sender</Nothing> : <div className={classes.address}>{fromEmail}</div>}
        {fromName !== null && <div className={`${classes.below} ${classes.line}`}>{fromName}</div>}
      </td>
      <td role="cell" data-column="Last test">
        <ConnectionState connection={connection} />
        {lastTest !== null && (
          <div className={classes.below}>
            <RelativeTime at={lastTest.testedAt} />
          </div>
        )}
      </td>
      <td role="cell" data-column="Webhook">
        {webhook.supported ? <WebhookStatus state={webhook.state} /> : <Nothing>No webhooks</Nothing>}
        {webhook.supported && webhook.lastEventAt !== null && (
          <div className={classes.below}>
            Last event <RelativeTime at={webhook.lastEventAt} />
          </div>
        )}
      </td>
      <td role="cell" data-column="Used by" className={classes.quiet}>
        {usages.total === 0 ? <Nothing>{usageCount(usages)}</Nothing> : usageCount(usages)}
      </td>
      {mayManage && (
        <td role="cell" className={classes.actions}>
          <ConnectionMenu connection={connection} variant="icon" />
        </td>
      )}
    </DataRow>
  );
}

function Nothing({ children }: { readonly children: string }) {
  return <span className={classes.nothing}>{children}</span>;
}
