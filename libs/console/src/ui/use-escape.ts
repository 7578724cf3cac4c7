import { useEffect, useEffectEvent } from 'react';

/** What closes each of those that are open, the uppermost last. */
const opened: (() => void)[] = [];

// Each dialog of Mantine hears Escape for itself, so that one key would close all of them. Where there are several, the
// uppermost alone is told. It is heard here before, because this is loaded before any of them is shown.
window.addEventListener(
  'keydown',
  (event) => {
    if (event.key !== 'Escape' || event.isComposing || opened.length < 2) return;
    event.stopImmediatePropagation();
    opened.at(-1)?.();
  },
  { capture: true },
);

/** Has Escape close this before what is below it. */
export function useEscape(isOpen: boolean, close: () => void): void {
  const closeNow = useEffectEvent(close);
  useEffect(() => {
    if (!isOpen) return undefined;
    const entry = () => closeNow();
    opened.push(entry);
    return () => void opened.splice(opened.indexOf(entry), 1);
  }, [isOpen]);
}
