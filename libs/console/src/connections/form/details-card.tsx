import { SimpleGrid, Stack, TextInput } from '@mantine/core';
import { Card } from '../../ui/card.tsx';
import classes from './details-card.module.css';
import { FormItem } from './form-item.tsx';
import { INPUT_ORDER, PLAIN_TEXT } from './input-props.ts';
import type { ConnectionFormState } from './use-connection-form.ts';

export interface DetailsCardProps {
  readonly form: ConnectionFormState;
  readonly vendorName: string;
}

/** What a connection has whatever its vendor is. */
export function DetailsCard({ form, vendorName }: DetailsCardProps) {
  const set = (path: 'name' | 'fromEmail' | 'fromName' | 'allowedSenderDomains') => ({
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
          Fields with <span className={classes.mark}>*</span> are required.
        </>
      }
    >
      <Stack gap="lg">
        <FormItem path="name">
          <TextInput
            {...set('name')}
            label="Name"
            description="What campaigns and journeys choose it by."
            placeholder={`${vendorName} Production`}
            required
          />
        </FormItem>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="lg">
          <FormItem path="fromEmail">
            <TextInput
              {...set('fromEmail')}
              label="From email"
              description="Used where a campaign names no sender. It must be verified at the vendor."
              type="email"
              placeholder="news@example.com"
            />
          </FormItem>
          <FormItem path="fromName">
            <TextInput
              {...set('fromName')}
              label="From name"
              description="What readers see beside the address."
              placeholder="Example News"
            />
          </FormItem>
        </SimpleGrid>
        <FormItem path="allowedSenderDomains">
          <TextInput
            {...set('allowedSenderDomains')}
            label="Allowed sender domains"
            description="Messages from other domains are rejected. *.example.com matches all domains below it. Leave empty to allow any."
            placeholder="example.com, *.example.com"
          />
        </FormItem>
      </Stack>
    </Card>
  );
}
