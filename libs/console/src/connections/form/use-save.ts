import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { changesOf, newConnection } from './bodies.ts';
import type { FormValues } from './form-values.ts';

interface Save {
  readonly values: FormValues;
  /** The version that was edited; undefined for a new connection. */
  readonly base: Connection | undefined;
  /** The last test of unsaved values. */
  readonly testId: string | undefined;
}

export interface SaveOutcome {
  readonly onSaved: (connection: Connection, values: FormValues) => void;
  readonly onFailed: (error: Error) => void;
}

/** Saves the form, then reloads everything that shows the connection. */
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
    // The mutation holds the typed secrets. It leaves memory once they are stored; callbacks of `mutate` would not.
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
