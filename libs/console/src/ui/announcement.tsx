import { VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';

/** Screen readers announce only changes of a region that they have seen before. */
const KNOWN_AFTER_MS = 150;

export interface AnnouncementProps {
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
