import { Text, Title, type TitleOrder } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** The level of its heading. */
  readonly level?: TitleOrder;
}

/** Shown in place of data that does not exist yet: why, and what to do. */
export function EmptyState({ icon, title, children, action, level = 2 }: EmptyStateProps) {
  return (
    <div className={classes.empty}>
      <div className={classes.icon} aria-hidden>
        {icon}
      </div>
      <Title order={level} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={440} component="div">
        {children}
      </Text>
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
