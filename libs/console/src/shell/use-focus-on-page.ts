import { useRouter } from '@tanstack/react-router';
import { type RefObject, useEffect } from 'react';

/**
 * Moves the focus to the content of a new page, so that keyboard and screen reader users start there. A page that focuses a
 * field of its own keeps that focus. The tabs of a connection are one page.
 */
export function useFocusOnPage(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, toLocation }) => {
        if (fromLocation === undefined || fromLocation.href === toLocation.href) return;
        const isOther = pageAt(fromLocation.pathname) !== pageAt(toLocation.pathname);
        const isLost = document.activeElement === document.body;
        const isTaken = document.activeElement?.matches('main [data-autofocus]') === true;
        if ((isOther && !isTaken) || isLost) main.current?.focus({ preventScroll: true });
      }),
    [router, main],
  );
}

/** `/connections/<id>/events` → `/connections/<id>`. */
function pageAt(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
