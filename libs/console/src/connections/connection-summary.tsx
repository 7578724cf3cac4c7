import type { Connection, WebhookState } from '../api/types.ts';
import { modeInWords } from './mode-words.ts';
import { Status, type Tone } from '../ui/status.tsx';

/** The result of a connection's last test. */
export function ConnectionState({ connection: { lastTest } }: { readonly connection: Connection }) {
  if (lastTest === null) return <Status tone="neutral">Never tested</Status>;
  return lastTest.ok ? <Status tone="ok">Test passed</Status> : <Status tone="bad">Failing</Status>;
}

/** Why emails of a connection do not go to their recipients: it is disabled, or has another mode than `live`. */
export function Restrictions({ connection: { enabled, mode } }: { readonly connection: Connection }) {
  return (
    <>
      {!enabled && <Status tone="warn">Disabled</Status>}
      {mode !== 'live' && <Status tone="warn">{modeInWords(mode)}</Status>}
    </>
  );
}

const WEBHOOK_STATES: Readonly<Record<WebhookState, readonly [string, Tone]>> = {
  unsupported: ['No webhooks', 'neutral'],
  not_set_up: ['Not set up', 'neutral'],
  waiting: ['Waiting', 'accent'],
  receiving: ['Receiving', 'ok'],
  failing: ['Failing', 'bad'],
};

/** The state of a connection's webhook. */
export function WebhookStatus({ state }: { readonly state: WebhookState }) {
  const [label, tone] = WEBHOOK_STATES[state];
  return <Status tone={tone}>{label}</Status>;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Whether two names read the same. Upper and lower case, and spaces around, do not tell names apart. */
export function isSameName(one: string, other: string): boolean {
  return keyOf(one) === keyOf(other);
}

/** The names that more than one of these connections has. @returns a function that says whether a connection has one */
export function ambiguityIn(connections: readonly Named[]): (connection: Named) => boolean {
  const counts = new Map<string, number>();
  for (const { name } of connections) counts.set(keyOf(name), (counts.get(keyOf(name)) ?? 0) + 1);
  return ({ name }) => (counts.get(keyOf(name)) ?? 0) > 1;
}

/** The end of a connection's id, which tells it apart from another one of the same name: "…b142". */
export function idEnd({ id }: Pick<Named, 'id'>): string {
  return `…${id.slice(-4)}`;
}

function keyOf(name: string): string {
  return name.trim().toLocaleLowerCase('en');
}
