import { useState } from 'react';
import { isAnyAdvancedSet } from './is-any-advanced-set.ts';
import type { ConnectionForm } from './use-connection-form.ts';

export interface Advanced {
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
}

/**
 * Whether what few need is in sight: from the beginning where something of it is stored, and as soon as something of it is
 * filled in. Whoever empties it there still sees it: only he closes it.
 */
export function useAdvanced(connectionForm: ConnectionForm): Advanced {
  const isSet = isAnyAdvancedSet(connectionForm);
  const [wasSet, setWasSet] = useState(isSet);
  const [isOpen, setOpen] = useState(isSet);
  if (isSet !== wasSet) {
    setWasSet(isSet);
    if (isSet) setOpen(true);
  }
  return { isOpen, setOpen };
}
