import type { Scope } from '../api/types.ts';

interface Words {
  readonly label: string;
  readonly description: string;
}

/** Labels of the scopes, from the smallest to the largest. */
export const SCOPES: Readonly<Record<Scope, Words>> = {
  read: { label: 'Read', description: 'View connections, tests and events. Never secrets.' },
  send: { label: 'Send', description: 'Read, send messages, and claim connections for campaigns and journeys.' },
  manage: {
    label: 'Manage',
    description: 'Full access: add, edit, test and delete connections, and create API keys.',
  },
};
