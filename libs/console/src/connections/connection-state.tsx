import type { Connection, WebhookState } from '../api/types.ts';
import { Status, type Tone } from '../ui/status.tsx';

/** The result of a connection's last test. */
export function ConnectionState({ connection: { lastTest } }: { readonly connection: Connection }) {
  if (lastTest === null) return <Status tone="neutral">Never tested</Status>;
  return lastTest.ok ? <Status tone="ok">Test passed</Status> : <Status tone="bad">Failing</Status>;
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
