import { VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import classes from './ui.module.css';

export type Tone = 'ok' | 'bad' | 'warn' | 'neutral' | 'accent';

interface StatusProps {
  readonly tone: Tone;
  readonly children: string;
}

/** A state as a word and a colored dot, never as a color alone. */
export function Status({ tone, children }: StatusProps) {
  return (
    <span className={classes.status} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {children}
    </span>
  );
}

/** Screen readers announce only changes of a region that they have seen before. */
const KNOWN_AFTER_MS = 150;

interface AnnouncementProps {
  readonly children: string;
}

/** Announces a change to screen readers, politely. It is not visible. */
export function Announcement({ children }: AnnouncementProps) {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(children), KNOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [children]);
  return <VisuallyHidden role="status">{spoken}</VisuallyHidden>;
}
