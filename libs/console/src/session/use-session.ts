import { useSuspenseQuery } from '@tanstack/react-query';
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
