import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client.ts';
import { connectionQuery, registrationQuery, webhookQuery } from '../../api/queries.ts';

/** Sets the webhook up at the vendor, or updates it there. */
export function useRegister(id: string, vendorName: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/connections/{id}/webhook/registration', { params: { path: { id } } })),
    onSuccess: (webhook) => {
      queryClient.setQueryData(webhookQuery(id).queryKey, webhook);
      notifications.show({ message: `Webhook set up in ${vendorName}` });
    },
    // A failed attempt may have stored a key or created a webhook, too.
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: registrationQuery(id).queryKey });
      void queryClient.invalidateQueries({ queryKey: webhookQuery(id).queryKey, exact: true });
      void queryClient.invalidateQueries({ queryKey: connectionQuery(id).queryKey, exact: true });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
    },
  });
}
