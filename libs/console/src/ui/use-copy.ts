import { useClipboard } from '@mantine/hooks';
import { type RefObject, useEffect, useRef } from 'react';

const SHOWN_MS = 2_000;

export interface Copy<Place extends HTMLElement> {
  readonly copy: () => void;
  /** For a moment after it was. */
  readonly isCopied: boolean;
  /** The browser did not let the page, as none does over plain HTTP; what `place` holds is selected then. */
  readonly isRefused: boolean;
  /** Where the value is shown. */
  readonly place: RefObject<Place | null>;
}

/** Copies a value that is on the page. */
export function useCopy<Place extends HTMLElement>(value: string): Copy<Place> {
  const { copy, copied, error } = useClipboard({ timeout: SHOWN_MS });
  const place = useRef<Place>(null);
  useEffect(() => {
    if (error !== null && place.current !== null) getSelection()?.selectAllChildren(place.current);
  }, [error]);
  return { copy: () => copy(value), isCopied: copied, isRefused: error !== null, place };
}
