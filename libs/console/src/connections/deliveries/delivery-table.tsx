import { Link } from '@tanstack/react-router';
import type { Delivery, DeliveryStatus } from '../../api/types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import tableClasses from '../../ui/table/data-table.module.css';
import { DataRow, DataTable, DataTableSkeleton, focusWhenRendered } from '../../ui/table/data-table.tsx';
import { measured } from '../test/failure-words.ts';
import classes from './deliveries.module.css';
import { lookOf, resultOf, sizeOf } from './delivery-words.ts';

const TABLE = {
  label: 'Webhook requests',
  columns: ['Status', 'Result', 'Times', 'Size', 'Duration', 'Received'],
  className: classes.table,
} as const;

interface DeliveryTableProps {
  /** The connection. */
  readonly id: string;
  /** The filter, which the links keep. */
  readonly status: DeliveryStatus | undefined;
  readonly deliveries: readonly Delivery[];
  /** While those of another filter are being loaded. */
  readonly isStale: boolean;
}

export function DeliveryTable({ id, status, deliveries, isStale }: DeliveryTableProps) {
  return (
    <DataTable {...TABLE} isStale={isStale}>
      {deliveries.map((delivery) => (
        <DeliveryRow key={delivery.id} id={id} filter={status} delivery={delivery} />
      ))}
    </DataTable>
  );
}

export function DeliveryTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={6} />;
}

interface DeliveryRowProps {
  readonly id: string;
  readonly filter: DeliveryStatus | undefined;
  readonly delivery: Delivery;
}

/** One request; clicking the row opens it. */
function DeliveryRow({ id, filter, delivery }: DeliveryRowProps) {
  const { label, tone } = lookOf(delivery);
  const result = resultOf(delivery);
  const { occurrences, size, durationMs, hasBody, receivedAt, status } = delivery;
  return (
    <DataRow data-status={status}>
      <td role="cell">
        <Status tone={tone}>{label}</Status>
      </td>
      <td role="cell" data-column="Result">
        <Link
          id={rowLinkId(delivery.id)}
          to="/connections/$id/webhook"
          params={{ id }}
          search={{ ...(filter && { status: filter }), delivery: delivery.id }}
          resetScroll={false}
          className={tableClasses.link}
          aria-label={`${label}, ${result}: open`}
          aria-current={false}
          title={result}
        >
          {result}
        </Link>
      </td>
      <td role="cell" data-column="Times" data-repeated={occurrences > 1}>
        {occurrences.toLocaleString('en')}×
      </td>
      <td role="cell" data-column="Size">
        {size === 0 && !hasBody ? '' : sizeOf(size)}
      </td>
      <td role="cell" data-column="Duration">
        {measured(durationMs)}
      </td>
      <td role="cell" data-column="Received">
        <RelativeTime at={receivedAt} />
      </td>
    </DataRow>
  );
}

/** The element id of the link in a request's row. */
function rowLinkId(deliveryId: string): string {
  return `delivery-${deliveryId}`;
}

/** Focuses the row of a request as soon as it is rendered. */
export function focusRow(deliveryId: string, options?: FocusOptions): void {
  focusWhenRendered(rowLinkId(deliveryId), options);
}
