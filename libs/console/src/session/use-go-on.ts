import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { sessionEnded } from './session-ended.ts';

export interface GoOn {
  /** Keeps the page, and reloads all of its data. */
  readonly here: (session: Session) => void;
  /** Leaves a page of another user, and drops everything in its memory. */
  readonly anew: () => void;
}

/** The two ways on with a session that was opened while a page was there. */
export function useGoOn(): GoOn {
  const queryClient = useQueryClient();
  const { history } = useRouter();
  return {
    here: (session) => {
      sessionEnded.set(false);
      queryClient.setQueryData(sessionQuery.queryKey, session);
      void queryClient.invalidateQueries();
    },
    anew: () => {
      // Nobody is asked whether to stay: what was typed would be saved where it does not belong.
      history.destroy();
      location.assign('/connections');
    },
  };
}
