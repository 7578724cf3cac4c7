import { SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { sameNameQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Announcement } from '../../ui/status.tsx';
import { useVendorName } from '../../ui/vendor.tsx';
import { idEnd, isSameName } from '../connection-summary.tsx';
import { FormItem, INPUT_ORDER, PLAIN_TEXT } from './form-item.tsx';
import classes from './form.module.css';
import { Senders } from './senders.tsx';
import type { ConnectionForm } from './use-connection-form.ts';

const TYPING_MS = 300;

interface DetailsCardProps {
  readonly connectionForm: ConnectionForm;
  readonly vendorName: string;
}

/** Name and sender, which connections of every vendor have. */
export function DetailsCard({ connectionForm, vendorName }: DetailsCardProps) {
  const { form, base } = connectionForm;
  const twin = useTwin(form.values.name, base);
  const set = (path: 'name' | 'fromEmail' | 'fromName') => ({
    ...PLAIN_TEXT,
    value: form.values[path],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      form.setFieldValue(path, event.currentTarget.value),
    error: form.errors[path],
    inputWrapperOrder: INPUT_ORDER,
  });
  return (
    <Card
      title="Connection"
      description={
        <>
          Fields with <span className={classes.required}>*</span> are required.
        </>
      }
    >
      <Stack gap="md">
        <FormItem path="name">
          <TextInput
            {...set('name')}
            label="Name"
            description={
              <>
                {twin !== undefined && <TwinNotice twin={twin} />}
                Shown when someone picks a connection for a campaign.
              </>
            }
            placeholder={`${vendorName} Production`}
            required
            data-autofocus={base === undefined || undefined}
          />
          {twin !== undefined && <Announcement>Another connection has this name.</Announcement>}
        </FormItem>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
          <FormItem path="fromEmail">
            <TextInput
              {...set('fromEmail')}
              label="From email"
              description="Default sender for campaigns. Verify this address with your vendor first."
              type="email"
              placeholder="news@example.com"
            />
          </FormItem>
          <FormItem path="fromName">
            <TextInput
              {...set('fromName')}
              label="From name"
              description="Shown to recipients next to the address."
              placeholder="Example News"
            />
          </FormItem>
        </SimpleGrid>
        <Senders form={form} />
      </Stack>
    </Card>
  );
}

/** Another connection with the name that was typed; undefined while the name is the stored one. */
function useTwin(typed: string, base: Connection | undefined): Connection | undefined {
  const [name] = useDebouncedValue(typed.trim(), TYPING_MS);
  const isNew = name !== '' && name !== base?.name;
  const found = useQuery({ ...sameNameQuery(name), enabled: isNew });
  return isNew ? found.data?.find((one) => one.id !== base?.id && isSameName(one.name, typed)) : undefined;
}

/** Two connections may have the same name, but are then hard to tell apart. */
function TwinNotice({ twin }: { readonly twin: Connection }) {
  const vendorName = useVendorName(twin.vendor);
  const details = [vendorName, twin.fromEmail, `ID ${idEnd(twin)}`].filter((text) => text !== null).join(', ');
  return <span className={classes.notice}>Another connection has this name ({details}). </span>;
}
