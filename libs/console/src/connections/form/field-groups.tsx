import { Anchor, Input, Select, Stack, Switch, TextInput, Title, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import type { Vendor, VendorField } from '../../api/types.ts';
import { MODE_NOTES, MODES, type SendingMode } from '../mode-words.ts';
import { Card } from '../../ui/card.tsx';
import { Field } from './field.tsx';
import { FormItem, INPUT_ORDER, PLAIN_TEXT } from './form-item.tsx';
import { type FieldGroup, grouped } from './form-values.ts';
import classes from './form.module.css';
import { PresetSelect } from './preset-select.tsx';
import { SendingLimitsFields } from './sending-limits.tsx';
import type { ConnectionForm, ConnectionFormState } from './use-connection-form.ts';

interface FieldGroupsProps {
  readonly vendor: Vendor;
  readonly connectionForm: ConnectionForm;
  /** The preset to start with. */
  readonly preset?: string | undefined;
}

/** The vendor's fields under their headings, and the advanced settings at the end. */
export function FieldGroups({ vendor, connectionForm, preset }: FieldGroupsProps) {
  const { form, shown, renewal, base, advanced } = connectionForm;
  const groups = grouped(shown.filter((field) => !field.advanced));
  const advancedGroups = grouped(shown.filter((field) => field.advanced));
  const renderField = (field: VendorField) => (
    <Field key={field.name} field={field} form={form} renewal={renewal} stored={base?.secrets[field.name]} />
  );
  const renderGroup = ({ fields }: FieldGroup) => (
    <Stack gap="md">
      {rowsOf(fields).map((row) =>
        row.length === 1 ? (
          row.map(renderField)
        ) : (
          <div key={row[0]?.name} className={classes.pair}>
            {row.map(renderField)}
          </div>
        ),
      )}
    </Stack>
  );

  return (
    <>
      {groups.map((group, index) => (
        <Card key={group.title} title={group.title} actions={index === 0 && <DocsLink vendor={vendor} />}>
          <Stack gap="md">
            {index === 0 && vendor.presets.length > 0 && (
              <PresetSelect
                vendor={vendor}
                form={form}
                initialKey={preset}
                onNeedsAdvanced={() => advanced.setOpen(true)}
              />
            )}
            {renderGroup(group)}
          </Stack>
        </Card>
      ))}
      <Advanced isOpen={advanced.isOpen} onToggle={() => advanced.setOpen(!advanced.isOpen)}>
        <AllowedSenderDomains form={form} />
        <CheckSuppressions form={form} />
        <Mode form={form} />
        <SendingLimitsFields form={form} />
        {advancedGroups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <Title order={3} size="sm" mb="md" c="dimmed">
              {group.title}
            </Title>
            {renderGroup(group)}
          </section>
        ))}
      </Advanced>
    </>
  );
}

/** A text and the number after it share a row: host and port. */
function rowsOf(fields: readonly VendorField[]): readonly (readonly VendorField[])[] {
  const rows: VendorField[][] = [];
  for (const field of fields) {
    const before = rows.at(-1);
    const [text] = before ?? [];
    if (field.type === 'integer' && before?.length === 1 && text !== undefined && isLine(text)) before.push(field);
    else rows.push([field]);
  }
  return rows;
}

function isLine({ type, secret, multiline, options }: VendorField): boolean {
  return type === 'string' && !secret && !multiline && options === undefined;
}

interface AdvancedProps {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

/** Settings that few users need, collapsed at first. */
function Advanced({ isOpen, onToggle, children }: AdvancedProps) {
  const content = useId();
  return (
    <section className={classes.advanced} aria-label="Advanced settings">
      <Title order={2} size="h5">
        <UnstyledButton
          className={classes.toggle}
          onClick={onToggle}
          aria-expanded={isOpen}
          aria-controls={isOpen ? content : undefined}
        >
          <IconChevronRight size={18} aria-hidden className={classes.chevron} data-open={isOpen || undefined} />
          Advanced settings
        </UnstyledButton>
      </Title>
      {isOpen && (
        <div id={content} className={classes.advancedContent}>
          <Stack gap="xl">{children}</Stack>
        </div>
      )}
    </section>
  );
}

function AllowedSenderDomains({ form }: { readonly form: ConnectionFormState }) {
  return (
    <FormItem path="allowedSenderDomains">
      <TextInput
        {...PLAIN_TEXT}
        value={form.values.allowedSenderDomains}
        onChange={(event) => form.setFieldValue('allowedSenderDomains', event.currentTarget.value)}
        error={form.errors['allowedSenderDomains']}
        inputWrapperOrder={INPUT_ORDER}
        label="Allowed sender domains"
        description="Messages from other domains are rejected. *.example.com matches all domains below it. Leave empty to allow any."
        placeholder="example.com, *.example.com"
      />
    </FormItem>
  );
}

function CheckSuppressions({ form }: { readonly form: ConnectionFormState }) {
  const help = useId();
  return (
    <FormItem path="checkSuppressions">
      <Switch
        label="Reject suppressed recipients"
        checked={form.values.checkSuppressions}
        onChange={(event) => form.setFieldValue('checkSuppressions', event.currentTarget.checked)}
        size="md"
        classNames={{ label: classes.switchLabel }}
        aria-describedby={help}
      />
      <Input.Description id={help} className={classes.switchBelow}>
        Messages are not sent to addresses that bounced, complained or unsubscribed.
      </Input.Description>
    </FormItem>
  );
}

function Mode({ form }: { readonly form: ConnectionFormState }) {
  const { mode, redirectTo } = form.values;
  const isKnown = MODES.some(({ value }) => value === mode);
  return (
    <>
      <FormItem path="mode">
        <Select
          label="Mode"
          description={isKnown ? MODE_NOTES[mode as SendingMode] : 'Nothing is sent. Select a mode.'}
          data={MODES}
          allowDeselect={false}
          value={isKnown ? mode : null}
          onChange={(value) => value !== null && form.setFieldValue('mode', value)}
          error={form.errors['mode']}
          inputWrapperOrder={INPUT_ORDER}
        />
      </FormItem>
      {mode === 'redirect' && (
        <FormItem path="redirectTo">
          <TextInput
            {...PLAIN_TEXT}
            label="Redirect to"
            type="email"
            placeholder="staging@example.com"
            required
            value={redirectTo}
            onChange={(event) => form.setFieldValue('redirectTo', event.currentTarget.value)}
            error={form.errors['redirectTo']}
            inputWrapperOrder={INPUT_ORDER}
          />
        </FormItem>
      )}
    </>
  );
}

function DocsLink({ vendor: { docsUrl, displayName } }: { readonly vendor: Vendor }) {
  if (docsUrl === undefined) return null;
  return (
    <Anchor href={docsUrl} target="_blank" rel="noreferrer" size="sm" underline="always">
      {displayName}’s documentation
    </Anchor>
  );
}
