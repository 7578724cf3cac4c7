import { VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';

/** A screen reader only speaks of what changes in a region that it knows already. */
const KNOWN_AFTER_MS = 150;

export interface AnnouncementProps {
  readonly children: string;
}

/** Speaks to who cannot see what just appeared or changed: politely, when the reader pauses. Nothing is seen of it. */
export function Announcement({ children }: AnnouncementProps) {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(children), KNOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [children]);
  return <VisuallyHidden role="status">{spoken}</VisuallyHidden>;
}
