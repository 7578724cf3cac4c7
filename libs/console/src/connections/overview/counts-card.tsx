import { SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { REFRESH_MS, statsQuery } from '../../api/queries.ts';
import type { EventKind } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EVENT_KINDS } from '../events/event-words.ts';
import { type Metric, type Metrics, metricsOf, percentage } from './metrics.ts';
import classes from './overview.module.css';

const PERIODS = [
  { value: '1', label: '24 hours' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
];
const number = new Intl.NumberFormat('en');
// A figure's own room, so that nothing moves when it arrives.
const NO_FIGURE = '\u2007';

interface CountsCardProps {
  readonly id: string;
  /** The kinds that the vendor's webhooks report; undefined while unknown. */
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
  const { main, others } = metricsOf(counts ?? {}, reported ?? []);

  return (
    <Card
      title="Statistics"
      description="Messages sent through this connection. Test messages and automated opens are not counted."
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
        <Failure error={stats.error} title="Could not load the statistics" onRetry={() => void stats.refetch()} />
      ) : (
        <dl className={classes.metrics}>
          {main.map((metric) => (
            <Tile key={metric.kind} metric={metric} isLoaded={counts !== undefined} />
          ))}
        </dl>
      )}
      {/* Its line is there before the counts are, so that nothing moves when they arrive. */}
      {(stats.error === null || counts !== undefined) && (
        <Text size="sm" c="dimmed" mt="sm">
          {counts === undefined ? NO_FIGURE : inWords(others)}
        </Text>
      )}
      {reported?.length === 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          This vendor does not report what happens after it accepted a message.
        </Text>
      )}
    </Card>
  );
}

function inWords(others: Metrics['others']): string {
  if (others.length === 0) return 'No other events.';
  const counts = others.map(({ kind, count }) => `${number.format(count)} ${EVENT_KINDS[kind].label.toLowerCase()}`);
  return `Also: ${counts.join(' · ')}`;
}

function Tile({ metric: { kind, label, count, rate, base }, isLoaded }: { metric: Metric; isLoaded: boolean }) {
  const figure = base === undefined ? number.format(count) : rate === undefined ? '–' : percentage(rate);
  return (
    <div className={classes.metric} data-kind={count === 0 ? undefined : kind}>
      <dt>{label}</dt>
      <dd className={classes.figure}>{isLoaded ? figure : NO_FIGURE}</dd>
      <dd className={classes.base}>
        {!isLoaded ? NO_FIGURE : base === undefined ? 'accepted' : `${number.format(count)} of ${base}`}
      </dd>
    </div>
  );
}
