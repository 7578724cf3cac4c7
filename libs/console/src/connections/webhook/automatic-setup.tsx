import { Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { connectionQuery, registrationQuery, webhookQuery } from '../../api/queries.ts';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { RegistrationFailure, RegistrationState } from './registration-state.tsx';
import { RemoveButton } from './remove-button.tsx';
import { VendorLog } from './vendor-log.tsx';
import classes from './webhook.module.css';

interface AutomaticSetUpProps {
  readonly id: string;
  readonly registration: Webhook['registration'];
  readonly vendorName: string;
}

/** Creates the webhook through the vendor's API, shows its state there, and removes it. */
export function AutomaticSetUp({ id, registration, vendorName }: AutomaticSetUpProps) {
  const mayManage = useMayManage();
  const register = useRegister(id, vendorName);
  // The button that was pressed disappears: the focus moves to the text about the result.
  const place = useRef<HTMLDivElement>(null);
  const goOn = () => place.current?.focus();
  const { registered, registeredAt } = registration;
  const atVendor = useQuery({ ...registrationQuery(id), enabled: registered });
  const isAmiss = atVendor.isSuccess && atVendor.data.state !== 'registered';
  return (
    <Stack gap="md" ref={place} tabIndex={-1} className={classes.automatic}>
      {registered ? (
        <>
          <Text size="sm">
            Set up automatically
            {registeredAt !== null && (
              <>
                {' '}
                <RelativeTime at={registeredAt} />
              </>
            )}
            .
          </Text>
          <RegistrationState id={id} vendorName={vendorName} />
          {registration.hasLog && <VendorLog id={id} vendorName={vendorName} />}
        </>
      ) : (
        <Text size="sm">
          We’ll create the webhook in {vendorName} for you: URL, events and authentication.
          {!mayManage && ' You need full access to set it up.'}
        </Text>
      )}
      {register.error !== null && (
        <RegistrationFailure id={id} error={register.error} title={`Could not set up the webhook in ${vendorName}`} />
      )}
      {mayManage && (
        <Group gap="xs">
          {(!registered || isAmiss) && (
            <BusyButton
              leftSection={<IconPlugConnected size={16} aria-hidden />}
              isBusy={register.isPending}
              onClick={() => register.mutate(undefined, { onSuccess: goOn })}
            >
              {registered ? 'Set up again' : 'Set up automatically'}
            </BusyButton>
          )}
          {registered && <RemoveButton id={id} vendorName={vendorName} onRemoved={goOn} />}
        </Group>
      )}
    </Stack>
  );
}

/** Sets the webhook up at the vendor, or updates it there. */
function useRegister(id: string, vendorName: string) {
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
