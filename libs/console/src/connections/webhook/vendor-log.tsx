import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { webhookLogQuery } from '../../api/queries.ts';
import type { WebhookLogEntry } from '../../api/types.ts';
import { Moment } from '../../ui/relative-time.tsx';
import { RegistrationFailure } from './registration-state.tsx';
import classes from './webhook.module.css';

interface VendorLogProps {
  readonly id: string;
  readonly vendorName: string;
}

/** The vendor's own log of its requests, which costs a call to the vendor: loaded when it is opened. */
export function VendorLog({ id, vendorName }: VendorLogProps) {
  const [isOpen, setOpen] = useState(false);
  const { data: entries, error, refetch } = useQuery({ ...webhookLogQuery(id), enabled: isOpen });
  return (
    <details className={classes.changes} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Requests logged by {vendorName}</summary>
      {error !== null && (
        <RegistrationFailure
          id={id}
          error={error}
          title={`Could not load the log of ${vendorName}`}
          onRetry={() => void refetch()}
        />
      )}
      {entries?.length === 0 && <Text size="sm">{vendorName} lists no requests.</Text>}
      {entries !== undefined && entries.length > 0 && (
        <ul aria-label={`Requests logged by ${vendorName}`}>
          {entries.map((entry, index) => (
            // An entry has no id at every vendor, and its place does not change.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <Moment at={entry.at} />: {inWords(entry)}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function inWords({ delivered, status, attempts, message }: WebhookLogEntry): string {
  const parts = [
    delivered ? 'Delivered' : 'Failed',
    attempts === null || attempts < 2 ? undefined : `${String(attempts)} attempts`,
    status === null ? undefined : `status ${String(status)}`,
    message ?? undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
