import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { statsSeriesQuery } from '../../api/queries.ts';
import { PERIODS } from './periods.ts';
import { StatisticsView } from './statistics-view.tsx';

const route = getRouteApi('/app/connections/$id/statistics');

/** The events of a connection over time. */
export function StatisticsTab() {
  const { id } = route.useParams();
  const { period = '7d', kind } = route.useSearch();
  const navigate = route.useNavigate();
  const { interval, days } = PERIODS[period];
  const stats = useQuery({ ...statsSeriesQuery(id, interval, days), placeholderData: keepPreviousData });
  return (
    <StatisticsView
      stats={stats}
      period={period}
      kind={kind}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  );
}
