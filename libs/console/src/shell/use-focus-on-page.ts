import { useRouter } from '@tanstack/react-router';
import { type RefObject, useEffect } from 'react';

/**
 * Whoever goes to another page begins with its content, and not with the link that led there or, where that is gone, at the
 * top of everything. The tabs of a connection are one page.
 */
export function useFocusOnPage(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, toLocation }) => {
        if (fromLocation === undefined || fromLocation.href === toLocation.href) return;
        const isOther = pageAt(fromLocation.pathname) !== pageAt(toLocation.pathname);
        const isLost = document.activeElement === document.body;
        if (isOther || isLost) main.current?.focus({ preventScroll: true });
      }),
    [router, main],
  );
}

/** `/connections/<id>/events` → `/connections/<id>`. */
function pageAt(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
