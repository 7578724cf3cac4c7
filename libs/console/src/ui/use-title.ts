import { useEffect } from 'react';

/** Sets the page's title, which browsers show in the tab and screen readers announce. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Score connections' : `${title} · Score connections`;
  }, [title]);
}
