import { Button, Chip, Collapse, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { EventKind, EventStats } from '../../api/types.ts';
import { isStatsPeriod, type StatisticsSearch, type StatsPeriod } from '../../app/search.ts';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { DataRow, DataTable } from '../../ui/table/data-table.tsx';
import { EVENT_KINDS, isEventKind } from '../events/event-words.ts';
import { bucketLabel, PERIODS, tickLabel } from './periods.ts';
import { RatesCard } from './rates-card.tsx';
import classes from './statistics.module.css';
import { TimeChart } from './time-chart.tsx';

const DEFAULT_KINDS: readonly EventKind[] = ['sent', 'delivered', 'bounced', 'opened', 'clicked'];
const CHOICES = Object.entries(PERIODS).map(([value, { label }]) => ({ value, label }));
const number = new Intl.NumberFormat('en');

interface StatisticsViewProps {
  /** The statistics of the period. */
  readonly stats: UseQueryResult<EventStats>;
  readonly period: StatsPeriod;
  /** The kinds of events that are shown, as the address has them. */
  readonly kind: string | undefined;
  readonly onSearch: (search: StatisticsSearch) => void;
}

/** Events over time, and the rates of the period. */
export function StatisticsView({ stats, period, kind, onSearch }: StatisticsViewProps) {
  const { interval, label } = PERIODS[period];
  const chosen = kind === undefined ? DEFAULT_KINDS : kind.split(',').filter(isEventKind);
  const choose = (kinds: readonly string[]) => onSearch({ period, kind: kinds.join(',') || 'none' });
  const choosePeriod = (value: string) => {
    if (isStatsPeriod(value)) onSearch({ period: value, ...(kind && { kind }) });
  };

  return (
    <Stack gap="lg">
      <Card
        title="Deliveries over time"
        description={interval === 'day' ? 'Events by day, in UTC.' : 'Events by hour, in your time zone.'}
        actions={
          <SegmentedControl size="xs" aria-label="Period" data={CHOICES} value={period} onChange={choosePeriod} />
        }
      >
        {stats.data === undefined ? (
          stats.error === null ? (
            <Skeleton h={380} aria-hidden />
          ) : (
            <Failure error={stats.error} title="Could not load the statistics" onRetry={() => void stats.refetch()} />
          )
        ) : (
          <Counts stats={stats.data} period={period} label={label} chosen={chosen} onChoose={choose} />
        )}
      </Card>
      {(stats.data !== undefined || stats.error === null) && <RatesCard rates={stats.data?.rates} />}
    </Stack>
  );
}

interface CountsProps {
  readonly stats: EventStats;
  readonly period: StatsPeriod;
  /** Of the period. */
  readonly label: string;
  readonly chosen: readonly EventKind[];
  readonly onChoose: (kinds: readonly string[]) => void;
}

function Counts({ stats, period, label, chosen, onChoose }: CountsProps) {
  const { buckets, counts, machineCounts, updatedTo } = stats;
  const kinds = Object.keys(EVENT_KINDS)
    .filter(isEventKind)
    .filter((kind) => DEFAULT_KINDS.includes(kind) || (counts[kind] ?? 0) > 0);
  const shown = kinds.filter((kind) => chosen.includes(kind));
  const interval = stats.interval ?? PERIODS[period].interval;
  const labels = buckets.map((bucket) => bucketLabel(interval, bucket));
  const series = shown.map((kind) => ({
    kind,
    label: EVENT_KINDS[kind].label,
    values: buckets.map((bucket) => bucket.counts[kind] ?? 0),
  }));
  const totals = shown.map((kind) => `${EVENT_KINDS[kind].label} ${number.format(counts[kind] ?? 0)}`);
  const isEmpty = shown.every((kind) => (counts[kind] ?? 0) === 0);
  const machineOpens = machineCounts['opened'] ?? 0;

  return (
    <>
      <Chip.Group multiple value={[...chosen]} onChange={onChoose}>
        <div className={classes.kinds} role="group" aria-label="Kinds of events">
          {kinds.map((kind) => (
            <Chip key={kind} value={kind} size="xs" variant="outline">
              <span className={classes.kind}>
                <span className={classes.swatch} data-kind={kind} />
                {EVENT_KINDS[kind].label} {number.format(counts[kind] ?? 0)}
              </span>
            </Chip>
          ))}
        </div>
      </Chip.Group>
      {isEmpty ? (
        <Text className={classes.noEvents} size="sm" c="dimmed">
          {shown.length === 0 ? 'Choose a kind of event.' : 'No events in this period.'}
        </Text>
      ) : (
        <TimeChart
          label={`Events over ${label}: ${totals.join(', ')}. The table below has all values.`}
          series={series}
          labels={labels}
          ticks={buckets.map((bucket) => tickLabel(period, bucket))}
        />
      )}
      <Text size="sm" c="dimmed" mt="xs">
        {machineOpens > 0 && `${number.format(machineOpens)} automated opens are not shown. `}
        {updatedTo !== null && (
          <>
            Last event counted <RelativeTime at={updatedTo} />.
          </>
        )}
      </Text>
      {!isEmpty && <CountsTable labels={labels} series={series} interval={interval} />}
    </>
  );
}

interface CountsTableProps {
  readonly labels: readonly string[];
  readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly interval: 'hour' | 'day';
}

/** The values of the chart, newest first. */
function CountsTable({ labels, series, interval }: CountsTableProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const first = interval === 'hour' ? 'Hour' : 'Day';
  return (
    <>
      <Button
        variant="default"
        size="xs"
        mt="sm"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? 'Hide table' : 'Show as table'}
      </Button>
      <Collapse id={id} expanded={isOpen}>
        {isOpen && (
          <div className={classes.table} tabIndex={0} role="region" aria-label="Values of the chart">
            <DataTable
              label="Events over time"
              columns={[first, ...series.map(({ label }) => label)]}
              className={classes.counts}
            >
              {labels
                .map((label, index) => (
                  <DataRow key={label}>
                    <td role="cell">{label}</td>
                    {series.map(({ label: name, values }) => (
                      <td key={name} role="cell" data-column={name}>
                        {number.format(values[index] ?? 0)}
                      </td>
                    ))}
                  </DataRow>
                ))
                .toReversed()}
            </DataTable>
          </div>
        )}
      </Collapse>
    </>
  );
}
