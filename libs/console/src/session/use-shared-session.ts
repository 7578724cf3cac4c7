import { useWindowEvent } from '@mantine/hooks';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { sessionEnded, useSessionEnded } from './session-ended.ts';
import { useGoOn } from './use-go-on.ts';
import { useSession } from './use-session.ts';

/**
 * All tabs share the cookie. Whoever comes back to this one may have signed in as somebody else in another, or have signed
 * out there, and what is on this page must be neither shown nor written under another name.
 */
export function useSharedSession(): void {
  const { organization, actor } = useSession();
  const isEnded = useSessionEnded();
  const goOn = useGoOn();
  const look = async () => {
    const now = await bodyOf(api.GET('/api/v1/session'));
    const isSame = now.organization === organization && now.actor === actor;
    // Where a session had ended, another key of the same organization goes on, as it would have here.
    if (isEnded && now.organization === organization) goOn.here(now);
    else if (!isSame) goOn.anew();
  };
  useWindowEvent('focus', () => {
    look().catch((error: unknown) => {
      // Whatever else went wrong, the next call tells.
      if (error instanceof Problem && error.status === 401) sessionEnded.set(true);
    });
  });
}
