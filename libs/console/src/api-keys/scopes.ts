import type { Scope } from '../api/types.ts';

interface Words {
  readonly label: string;
  readonly description: string;
}

/** What each right means, in the order in which they grow. */
export const SCOPES: Readonly<Record<Scope, Words>> = {
  read: { label: 'Look', description: 'Sees connections, tests and events. Never a secret.' },
  send: {
    label: 'Send',
    description: 'Sends messages and claims connections for campaigns and journeys, and may look.',
  },
  manage: { label: 'Manage', description: 'Everything: adds, changes, tests and deletes connections, and makes keys.' },
};
