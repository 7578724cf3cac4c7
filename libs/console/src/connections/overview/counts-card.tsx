import { SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { REFRESH_MS, statsQuery } from '../../api/queries.ts';
import type { EventKind } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EVENT_KINDS, isEventKind } from '../events/event-kinds.ts';
import classes from './overview-tab.module.css';

/** What our own sending makes events of, whether the vendor has webhooks or not. */
const OWN: ReadonlySet<EventKind> = new Set(['sent', 'rejected']);
const PERIODS = [
  { value: '1', label: '24 hours' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
];
const number = new Intl.NumberFormat('en');

export interface CountsCardProps {
  readonly id: string;
  /** What the vendor's webhooks tell of; undefined where that is not known. */
  readonly reported: readonly EventKind[] | undefined;
}

export function CountsCard({ id, reported }: CountsCardProps) {
  const [days, setDays] = useState('7');
  const stats = useQuery({
    ...statsQuery(id, Number(days)),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  const counts = stats.data?.counts;

  return (
    <Card
      title="Events"
      description="Of messages sent through this connection; tests are not counted."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Period"
          data={PERIODS}
          value={days}
          onChange={(value) => setDays(value)}
        />
      }
    >
      {stats.error !== null && counts === undefined ? (
        <Failure error={stats.error} title="The counts cannot be shown" onRetry={() => void stats.refetch()} />
      ) : (
        <dl className={classes.counts}>
          {kindsOf(reported ?? [], counts ?? {}).map((kind) => (
            <div key={kind} className={classes.count} data-none={(counts?.[kind] ?? 0) === 0}>
              <dt>{EVENT_KINDS[kind].label}</dt>
              {/* A figure's own room, so that nothing moves when it comes. */}
              <dd>{counts === undefined ? '\u2007' : number.format(counts[kind] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      )}
      {reported?.length === 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          This vendor reports nothing after it has accepted a message.
        </Text>
      )}
    </Card>
  );
}

/** The kinds that this vendor can have, and what came nevertheless, in the order of a message's life. */
function kindsOf(reported: readonly EventKind[], counts: Readonly<Record<string, number>>): EventKind[] {
  return Object.keys(EVENT_KINDS)
    .filter(isEventKind)
    .filter((kind) => OWN.has(kind) || reported.includes(kind) || (counts[kind] ?? 0) > 0);
}
