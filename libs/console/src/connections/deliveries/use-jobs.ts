import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { deliveriesKey, isActive, jobsQuery } from '../../api/delivery-queries.ts';
import type { ReprocessDeliveries, ReprocessingJob } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { progressOf } from './delivery-words.ts';

/** The last re-processing jobs; none for users who may not manage them. When one ends, the requests are reloaded. */
export function useJobs(id: string) {
  const queryClient = useQueryClient();
  const mayManage = useMayManage();
  const jobs = useQuery({ ...jobsQuery(id), enabled: mayManage });
  const before = useRef(jobs.data);
  useEffect(() => {
    const wereActive = new Set(before.current?.filter(isActive).map((job) => job.id));
    before.current = jobs.data;
    const ended = jobs.data?.filter((job) => wereActive.has(job.id) && job.state === 'completed') ?? [];
    for (const job of ended) notifications.show({ message: progressOf(job) });
    if (ended.length > 0) void queryClient.invalidateQueries({ queryKey: deliveriesKey(id) });
  }, [id, jobs.data, queryClient]);
  return jobs;
}

/** Starts a job. */
export function useStartJob(id: string) {
  const remember = useRemember(id);
  return useMutation({
    mutationFn: (body: ReprocessDeliveries) =>
      bodyOf(api.POST('/api/v1/connections/{id}/deliveries/reprocess', { params: { path: { id } }, body })),
    onSuccess: remember,
  });
}

/** Cancels a job that is active, or resumes one that was canceled. */
export function useToggleJob(id: string, job: ReprocessingJob) {
  const queryClient = useQueryClient();
  const remember = useRemember(id);
  return useMutation({
    mutationFn: () => {
      const options = { params: { path: { id, jobId: job.id } } };
      return bodyOf(
        isActive(job)
          ? api.POST('/api/v1/connections/{id}/deliveries/reprocess/{jobId}/cancel', options)
          : api.POST('/api/v1/connections/{id}/deliveries/reprocess/{jobId}/resume', options),
      );
    },
    onSuccess: async (changed) => {
      await remember(changed);
      await queryClient.invalidateQueries({ queryKey: deliveriesKey(id) });
    },
  });
}

/** Shows a job as the service returned it, without waiting for the next reload. */
function useRemember(id: string) {
  const queryClient = useQueryClient();
  const { queryKey } = jobsQuery(id);
  return async (job: ReprocessingJob): Promise<void> => {
    // A response that is on its way may be older.
    await queryClient.cancelQueries({ queryKey });
    queryClient.setQueryData(queryKey, (jobs: readonly ReprocessingJob[] = []) =>
      jobs.some((each) => each.id === job.id) ? jobs.map((each) => (each.id === job.id ? job : each)) : [job, ...jobs],
    );
  };
}
