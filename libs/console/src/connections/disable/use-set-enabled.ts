import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';

/** Enables or disables a connection, then reloads everything that shows it. */
export function useSetEnabled({ id, name }: Pick<Connection, 'id' | 'name'>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) => {
      const params = { path: { id } };
      return bodyOf(
        enabled
          ? api.POST('/api/v1/connections/{id}/enable', { params })
          : api.POST('/api/v1/connections/{id}/disable', { params }),
      );
    },
    onSuccess: (connection) => {
      queryClient.setQueryData(connectionQuery(id).queryKey, connection);
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
      notifications.show({ message: `${name} ${connection.enabled ? 'enabled' : 'disabled'}` });
    },
  });
}
