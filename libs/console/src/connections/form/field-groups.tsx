import { Anchor, Stack } from '@mantine/core';
import type { Vendor } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { AdvancedCard } from './advanced-card.tsx';
import { Field } from './field.tsx';
import { type FieldGroup, grouped } from './fields.ts';
import { PresetSelect } from './preset-select.tsx';
import type { ConnectionForm } from './use-connection-form.ts';

export interface FieldGroupsProps {
  readonly vendor: Vendor;
  readonly connectionForm: ConnectionForm;
  readonly isAdvancedOpen: boolean;
  readonly onToggleAdvanced: () => void;
}

/** The vendor's fields under their headings, and last what few need. */
export function FieldGroups({ vendor, connectionForm, isAdvancedOpen, onToggleAdvanced }: FieldGroupsProps) {
  const { form, shown, renewal, base } = connectionForm;
  const groups = grouped(shown.filter((field) => !field.advanced));
  const advanced = grouped(shown.filter((field) => field.advanced));
  const renderGroup = ({ fields }: FieldGroup) => (
    <Stack gap="lg">
      {fields.map((field) => (
        <Field key={field.name} field={field} form={form} renewal={renewal} stored={base?.secrets[field.name]} />
      ))}
    </Stack>
  );

  return (
    <>
      {groups.map((group, index) => (
        <Card key={group.title} title={group.title} actions={index === 0 && <DocsLink vendor={vendor} />}>
          <Stack gap="lg">
            {index === 0 && vendor.presets.length > 0 && (
              <PresetSelect
                vendor={vendor}
                form={form}
                onNeedsAdvanced={() => {
                  if (!isAdvancedOpen) onToggleAdvanced();
                }}
              />
            )}
            {renderGroup(group)}
          </Stack>
        </Card>
      ))}
      {advanced.length > 0 && (
        <AdvancedCard groups={advanced} isOpen={isAdvancedOpen} onToggle={onToggleAdvanced} renderGroup={renderGroup} />
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
