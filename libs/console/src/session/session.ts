import { useWindowEvent } from '@mantine/hooks';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';

/** The current session. Every page except sign-in loads it first. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether the user may change connections. Controls that would fail are hidden. */
export function useMayManage(): boolean {
  return useSession().scope === 'manage';
}

/** Whether they may also create connections and manage API keys, which keys restricted to connections may not. */
export function useMayManageAll(): boolean {
  const { scope, connectionIds } = useSession();
  return scope === 'manage' && connectionIds === null;
}

/** Whether they may send through connections, and check whether a campaign can. */
export function useMaySend(): boolean {
  return useSession().scope !== 'read';
}

/** Whether they may see the suppressions of the organization and add addresses. */
export function useMaySendAll(): boolean {
  const { scope, connectionIds } = useSession();
  return scope !== 'read' && connectionIds === null;
}

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

interface SessionChange {
  /** Keeps the page and reloads its data. */
  readonly resume: (session: Session) => void;
  /** Leaves the page of another user or organization with a full page load, which clears its memory. */
  readonly restart: () => void;
}

/** What to do with a session that was opened while a page was open. */
export function useSessionChange(): SessionChange {
  const queryClient = useQueryClient();
  const { history } = useRouter();
  return {
    resume: (session) => {
      sessionEnded.set(false);
      queryClient.setQueryData(sessionQuery.queryKey, session);
      void queryClient.invalidateQueries();
    },
    restart: () => {
      // Without asking whether to stay: what was typed would be saved in the wrong organization.
      history.destroy();
      location.assign('/connections');
    },
  };
}

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
