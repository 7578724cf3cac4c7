import { Text, Title, type TitleOrder } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './ui.module.css';

/** Sets the page's title, which browsers show in the tab and screen readers announce. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Score connections' : `${title} · Score connections`;
  }, [title]);
}

interface PageHeaderProps {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHeader({ title, description, actions }: PageHeaderProps) {
  return (
    <header className={classes.pageHeader}>
      <div className={classes.pageText}>
        <Title order={1}>{title}</Title>
        {description !== undefined && (
          <Text c="dimmed" size="sm" mt={4} component="div">
            {description}
          </Text>
        )}
      </div>
      {actions !== undefined && actions !== false && <div className={classes.pageActions}>{actions}</div>}
    </header>
  );
}

interface EmptyStateProps {
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
      <div className={classes.emptyIcon} aria-hidden>
        {icon}
      </div>
      <Title order={level} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={440} component="div">
        {children}
      </Text>
      {action !== undefined && <div className={classes.emptyAction}>{action}</div>}
    </div>
  );
}

export function Logo() {
  return (
    <span className={classes.logo}>
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden>
        <rect width="32" height="32" rx="8" fill="#4f46d8" />
        <path
          d="M8 11.5h16M8 11.5l8 6 8-6M8 11.5V21h16v-9.5"
          fill="none"
          stroke="#fff"
          strokeWidth="2.2"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      </svg>
      Score
    </span>
  );
}
