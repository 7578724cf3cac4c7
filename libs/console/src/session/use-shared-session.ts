import { useWindowEvent } from '@mantine/hooks';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { sessionEnded, useSessionEnded } from './session-ended.ts';
import { useSessionChange } from './use-session-change.ts';
import { useSession } from './use-session.ts';

/**
 * All tabs share the cookie. When the user returns to this tab, they may have signed out or signed in to another organization
 * in another one. This page must then be neither shown nor saved in the new session.
 */
export function useSharedSession(): void {
  const { organization, actor } = useSession();
  const isEnded = useSessionEnded();
  const change = useSessionChange();
  const check = async () => {
    const now = await bodyOf(api.GET('/api/v1/session'));
    const isSame = now.organization === organization && now.actor === actor;
    // After a session has ended, any key of the same organization may continue.
    if (isEnded && now.organization === organization) change.resume(now);
    else if (!isSame) change.restart();
  };
  useWindowEvent('focus', () => {
    check().catch((error: unknown) => {
      // Other errors are reported by the next call of the page.
      if (error instanceof Problem && error.status === 401) sessionEnded.set(true);
    });
  });
}
