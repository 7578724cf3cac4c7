import { Stack, Title, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import classes from './advanced-card.module.css';
import type { FieldGroup } from './fields.ts';

export interface AdvancedCardProps {
  readonly groups: readonly FieldGroup[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly renderGroup: (group: FieldGroup) => ReactNode;
}

/** What few need, out of sight until somebody asks for it. */
export function AdvancedCard({ groups, isOpen, onToggle, renderGroup }: AdvancedCardProps) {
  const content = useId();
  return (
    <section className={classes.card} aria-label="Advanced settings">
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
        <div id={content} className={classes.content}>
          <Stack gap="xl">
            {groups.map((group) => (
              <section key={group.title} aria-label={group.title}>
                <Title order={3} size="sm" mb="md" c="dimmed">
                  {group.title}
                </Title>
                {renderGroup(group)}
              </section>
            ))}
          </Stack>
        </div>
      )}
    </section>
  );
}
