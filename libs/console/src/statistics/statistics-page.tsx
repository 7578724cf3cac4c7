import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { organizationStatsQuery } from '../api/queries.ts';
import { PERIODS } from '../connections/statistics/periods.ts';
import { StatisticsView } from '../connections/statistics/statistics-view.tsx';
import { PageHeader, useTitle } from '../ui/page.tsx';

const route = getRouteApi('/app/statistics');

/** The events of all connections over time. */
export function StatisticsPage() {
  useTitle('Statistics');
  const { period = '7d', kind } = route.useSearch();
  const navigate = route.useNavigate();
  const { interval, days } = PERIODS[period];
  const stats = useQuery({ ...organizationStatsQuery(interval, days), placeholderData: keepPreviousData });
  return (
    <>
      <PageHeader title="Statistics" description="The events of all your connections together." />
      <StatisticsView
        stats={stats}
        period={period}
        kind={kind}
        onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
      />
    </>
  );
}
