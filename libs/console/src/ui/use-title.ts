import { useEffect } from 'react';

/** Names the page in the browser's tab, and thereby to who hears it. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Score connections' : `${title} · Score connections`;
  }, [title]);
}
