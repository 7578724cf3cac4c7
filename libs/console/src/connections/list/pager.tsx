import { Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { ButtonLink } from '../../ui/buttons.tsx';

interface PagerProps {
  /** The current page, from 1. */
  readonly page: number;
  readonly hasNext: boolean;
}

export function Pager({ page, hasNext }: PagerProps) {
  if (page === 1 && !hasNext) return null;
  return (
    <Group component="nav" aria-label="Pages" justify="space-between" mt="md">
      <Step to={page - 1} isEnabled={page > 1} label="Previous" />
      <Text size="sm" c="dimmed" aria-live="polite">
        Page {page}
      </Text>
      <Step to={page + 1} isEnabled={hasNext} label="Next" />
    </Group>
  );
}

interface StepProps {
  readonly to: number;
  readonly isEnabled: boolean;
  readonly label: 'Previous' | 'Next';
}

/** Stays in place where there is no further page, so that it keeps the focus. */
function Step({ to, isEnabled, label }: StepProps) {
  const icons =
    label === 'Next'
      ? { rightSection: <IconChevronRight size={16} aria-hidden /> }
      : { leftSection: <IconChevronLeft size={16} aria-hidden /> };
  return (
    <ButtonLink
      to="/connections"
      search={(before: object) => ({ ...before, page: to > 1 ? to : undefined })}
      aria-current={false}
      aria-disabled={!isEnabled}
      data-disabled={!isEnabled || undefined}
      onClick={(event) => !isEnabled && event.preventDefault()}
      variant="default"
      size="sm"
      {...icons}
    >
      {label}
    </ButtonLink>
  );
}
