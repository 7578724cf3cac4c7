import { useSuspenseQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';

/** Who is signed in. Every page but the sign-in loads it first, so it is there. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether what changes something is shown at all: nobody is offered a button that would fail. */
export function useMayManage(): boolean {
  return useSession().scope === 'manage';
}

/** Whether they may also create connections and manage API keys, which keys restricted to connections may not. */
export function useMayManageAll(): boolean {
  const { scope, connectionIds } = useSession();
  return scope === 'manage' && connectionIds === null;
}
