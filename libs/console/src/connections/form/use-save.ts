import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { changesOf, newConnection } from './bodies.ts';
import type { FormValues } from './form-values.ts';

interface Save {
  readonly values: FormValues;
  /** The version that was changed; undefined for a new connection. */
  readonly base: Connection | undefined;
  /** The last test of unsaved values. */
  readonly testId: string | undefined;
}

export interface SaveOutcome {
  readonly onSaved: (connection: Connection, values: FormValues) => void;
  readonly onFailed: (error: Error) => void;
}

/** Stores what a form holds, and has everything that shows it read anew. */
export function useSave(vendor: Vendor, { onSaved, onFailed }: SaveOutcome) {
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: ({ values, base, testId }: Save) => {
      const test = testId === undefined ? {} : { testId };
      if (base === undefined) {
        return bodyOf(api.POST('/api/v1/connections', { body: { ...newConnection(vendor, values), ...test } }));
      }
      const params = { path: { id: base.id }, header: { 'If-Match': `"${String(base.version)}"` } };
      return bodyOf(
        api.PATCH('/api/v1/connections/{id}', { params, body: { ...changesOf(vendor, values, base), ...test } }),
      );
    },
    // It holds what was typed into secrets, and is forgotten once they are stored; callbacks of `mutate` would not be.
    gcTime: 0,
    onSuccess: (saved, { values }) => {
      queryClient.setQueryData(connectionQuery(saved.id).queryKey, saved);
      onSaved(saved, values);
      save.reset();
      void queryClient.invalidateQueries({ queryKey: ['connection', saved.id] });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
    },
    onError: async (error, { base }) => {
      onFailed(error);
      if (!(error instanceof Problem) || error.status !== 412 || base === undefined) return;
      await queryClient.invalidateQueries({ queryKey: connectionQuery(base.id).queryKey, exact: true });
    },
  });
  return save;
}
