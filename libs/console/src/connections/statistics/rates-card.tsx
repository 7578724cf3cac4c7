import { Anchor, Skeleton, Text } from '@mantine/core';
import type { EventRate, RateThreshold } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Status } from '../../ui/status.tsx';
import { DataRow, DataTable } from '../../ui/table/data-table.tsx';
import { percentage } from '../overview/metrics.ts';
import classes from './statistics.module.css';

const NAMES: Readonly<Record<EventRate['name'], string>> = {
  delivered: 'Delivered',
  bounced: 'Bounced',
  hardBounced: 'Hard bounces',
  complained: 'Complaints',
  opened: 'Opens',
  clicked: 'Clicks',
};
const BASES: Readonly<Record<EventRate['base'], string>> = {
  sent: 'sent',
  outcomes: 'with a result',
  delivered: 'delivered',
};
const LEVELS: Readonly<Record<RateThreshold['level'], string>> = {
  recommended: 'recommends below',
  required: 'requires below',
  review: 'reviews accounts from',
  pause: 'may pause sending from',
};
const number = new Intl.NumberFormat('en');

/** Rates of the period, and the limits that providers publish. */
export function RatesCard({ rates }: { readonly rates: readonly EventRate[] | undefined }) {
  return (
    <Card
      title="Rates"
      description="Of all recipients, without automated opens. Providers measure their own recipients, so compare with their limits as an estimate."
    >
      {rates === undefined ? (
        <Skeleton h={330} aria-hidden />
      ) : (
        <DataTable label="Rates" columns={['Rate', 'Share', 'Published limits']} className={classes.rates}>
          {rates.map((rate) => (
            <DataRow key={rate.name}>
              <td role="cell">{NAMES[rate.name]}</td>
              <td role="cell" data-column="Share">
                {rate.rate === null ? '–' : percentage(rate.rate)}
                <Text size="xs" c="dimmed">
                  {`${number.format(rate.events)} of ${number.format(rate.of)} ${BASES[rate.base]}`}
                </Text>
              </td>
              <td role="cell" data-column="Published limits">
                {rate.thresholds.length === 0 ? (
                  <Text size="sm" c="dimmed">
                    None
                  </Text>
                ) : (
                  <Thresholds rate={rate.rate} thresholds={rate.thresholds} />
                )}
              </td>
            </DataRow>
          ))}
        </DataTable>
      )}
    </Card>
  );
}

function Thresholds({ rate, thresholds }: Pick<EventRate, 'rate' | 'thresholds'>) {
  return (
    <ul className={classes.thresholds}>
      {thresholds.map((threshold) => (
        <li key={`${threshold.provider} ${threshold.level}`}>
          <Anchor href={threshold.url} target="_blank" rel="noreferrer" size="sm" underline="always">
            {threshold.provider}
          </Anchor>{' '}
          <Text span size="sm">
            {`${LEVELS[threshold.level]} ${percentage(threshold.rate)}`}
          </Text>{' '}
          {rate !== null && rate >= threshold.rate && (
            <Status tone={threshold.level === 'recommended' || threshold.level === 'review' ? 'warn' : 'bad'}>
              Exceeded
            </Status>
          )}
        </li>
      ))}
    </ul>
  );
}
