import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let isEnded = false;

/** Whether the session ended while the page was open. */
export const sessionEnded = {
  set(ended: boolean): void {
    isEnded = ended;
    for (const listener of listeners) listener();
  },
};

export function useSessionEnded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isEnded,
  );
}
