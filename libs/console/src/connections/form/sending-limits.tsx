import { Input, NumberInput, SimpleGrid, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useId } from 'react';
import { FormItem, INPUT_ORDER } from './form-item.tsx';
import classes from './form.module.css';
import { dayInWords, endOfWarmUp, type FormLimits, LIMIT_FIELDS, WARM_UP_FIELDS, withWarmUp } from './limits.ts';
import type { ConnectionFormState } from './use-connection-form.ts';

type LimitField = (typeof LIMIT_FIELDS)[number];

const WARM_UP: ReadonlySet<string> = new Set(WARM_UP_FIELDS.map(({ name }) => name));
const EXAMPLES: Readonly<Partial<Record<LimitField['name'], string>>> = {
  perSecond: '14',
  perMinute: '600',
  perDay: '50,000',
  concurrency: '10',
};
const HELP: Readonly<Partial<Record<LimitField['name'], string>>> = {
  perDay: 'A day begins at midnight UTC.',
  concurrency: 'How many calls to the vendor may run at the same time.',
  startsOn: 'In UTC.',
  firstDay: 'Emails on the first day.',
  growthPercent: 'How much more each day allows. With 100%, it doubles.',
};

/** How much a connection may send, and the warm-up of a new sender. */
export function SendingLimitsFields({ form }: { readonly form: ConnectionFormState }) {
  const { limits } = form.values;
  const title = useId();
  const help = useId();
  const change = (changed: Partial<FormLimits>) => form.setFieldValue('limits', { ...limits, ...changed });
  const fields = (isShown: (field: LimitField) => boolean) =>
    LIMIT_FIELDS.filter(isShown).map((field) => (
      <FormItem key={field.name} path={field.path}>
        <LimitInput field={field} form={form} onChange={(value) => change({ [field.name]: value })} />
      </FormItem>
    ));
  return (
    <FormItem path="limits">
      <section aria-labelledby={title}>
        <Title order={3} size="sm" c="dimmed" id={title}>
          Sending limits
        </Title>
        <Text size="sm" c="dimmed" mb="md">
          Each recipient counts as one email. Leave a field empty for no limit.
        </Text>
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
            {fields(({ name }) => !WARM_UP.has(name))}
          </SimpleGrid>
          <div>
            <Switch
              label="Warm-up"
              checked={limits.hasWarmUp}
              onChange={(event) => change(withWarmUp(limits, event.currentTarget.checked, new Date()))}
              size="md"
              classNames={{ label: classes.switchLabel }}
              aria-describedby={help}
            />
            <Input.Description id={help} className={classes.switchBelow}>
              For a new sender: starts with few emails and allows more each day, up to the emails per day.
            </Input.Description>
          </div>
          {limits.hasWarmUp && (
            <>
              <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md" verticalSpacing="md">
                {fields(({ name }) => WARM_UP.has(name))}
              </SimpleGrid>
              <WarmUpEnd limits={limits} />
            </>
          )}
        </Stack>
      </section>
    </FormItem>
  );
}

interface LimitInputProps {
  readonly field: LimitField;
  readonly form: ConnectionFormState;
  readonly onChange: (value: string | number) => void;
}

function LimitInput({ field: { name, path, label }, form, onChange }: LimitInputProps) {
  const value = form.values.limits[name];
  const input = {
    label,
    description: HELP[name],
    error: form.errors[path],
    inputWrapperOrder: INPUT_ORDER,
    autoComplete: 'off',
  };
  if (name === 'startsOn') {
    return <TextInput {...input} type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <NumberInput
      {...input}
      placeholder={EXAMPLES[name]}
      value={value}
      onChange={onChange}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      thousandSeparator=","
      suffix={name === 'growthPercent' ? '%' : ''}
      hideControls
    />
  );
}

function WarmUpEnd({ limits }: { readonly limits: FormLimits }) {
  const end = endOfWarmUp(limits);
  return (
    <Text size="sm" c="dimmed">
      {end === undefined ? 'It ends at the emails per day.' : `It reaches the emails per day on ${dayInWords(end)}.`}
    </Text>
  );
}
