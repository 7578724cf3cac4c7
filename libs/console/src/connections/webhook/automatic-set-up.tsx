import { Group, Stack, Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { registrationQuery } from '../../api/queries.ts';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { BusyButton } from '../../ui/busy-button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import classes from './automatic-set-up.module.css';
import { RegistrationFailure } from './registration-failure.tsx';
import { RegistrationState } from './registration-state.tsx';
import { RemoveButton } from './remove-button.tsx';
import { useRegister } from './use-register.ts';

export interface AutomaticSetUpProps {
  readonly id: string;
  readonly registration: Webhook['registration'];
  readonly vendorName: string;
}

/** Sets the webhook up through the vendor's API, shows what stands there, and removes it. */
export function AutomaticSetUp({ id, registration, vendorName }: AutomaticSetUpProps) {
  const mayManage = useMayManage();
  const register = useRegister(id, vendorName);
  // The button that was pressed is gone afterwards: whoever stood on it goes on where it says what has become of it.
  const place = useRef<HTMLDivElement>(null);
  const goOn = () => place.current?.focus();
  const { registered, registeredAt } = registration;
  const atVendor = useQuery({ ...registrationQuery(id), enabled: registered });
  const isAmiss = atVendor.isSuccess && atVendor.data.state !== 'registered';
  return (
    <Stack gap="md" ref={place} tabIndex={-1} className={classes.place}>
      {registered ? (
        <>
          <Text size="sm">
            It was set up from here
            {registeredAt !== null && (
              <>
                {' '}
                <RelativeTime at={registeredAt} />
              </>
            )}
            .
          </Text>
          <RegistrationState id={id} vendorName={vendorName} />
        </>
      ) : (
        <Text size="sm">
          {vendorName} can be told everything from here: the address, which events to post, and how they prove where
          they come from.
          {!mayManage && ' Whoever may manage connections can do that.'}
        </Text>
      )}
      {register.error !== null && (
        <RegistrationFailure id={id} error={register.error} title={`The webhook is not set up at ${vendorName}`} />
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
