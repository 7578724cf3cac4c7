/** What happens to a message at its recipient, step by step, independent of a vendor's terms. */
export type SimulatedEvent =
  | { readonly kind: 'queued' | 'delivered' | 'complained' | 'unsubscribed' }
  /** The vendor itself refused the message, as for an address on its suppression list. */
  | { readonly kind: 'rejected' }
  | ({ readonly kind: 'deferred' } & Reply)
  | ({ readonly kind: 'bounced'; readonly class: 'hard' | 'soft' | 'block' } & Reply)
  | { readonly kind: 'opened'; readonly machine: boolean }
  | { readonly kind: 'clicked'; readonly url: string };

/** The reply of the recipient's server. */
interface Reply {
  readonly code: number;
  /** RFC 3463 */
  readonly enhancedCode: string;
  readonly text: string;
}

const QUEUED: SimulatedEvent = { kind: 'queued' };
const DELIVERED: SimulatedEvent = { kind: 'delivered' };
const OPENED: SimulatedEvent = { kind: 'opened', machine: false };
const CLICKED: SimulatedEvent = { kind: 'clicked', url: 'https://sender.example/start?u=1&v=2' };
const DEFERRED: SimulatedEvent = { kind: 'deferred', code: 421, enhancedCode: '4.7.0', text: 'Try again later' };

function bounced(bounce: 'hard' | 'soft' | 'block', code: number, enhancedCode: string, text: string): SimulatedEvent {
  return { kind: 'bounced', class: bounce, code, enhancedCode, text };
}

const SCENARIOS: ReadonlyMap<string, readonly SimulatedEvent[]> = new Map<string, readonly SimulatedEvent[]>([
  ['bounce', [QUEUED, bounced('hard', 550, '5.1.1', 'No such user')]],
  ['softbounce', [QUEUED, bounced('soft', 452, '4.2.2', 'Mailbox full')]],
  ['block', [QUEUED, bounced('block', 550, '5.7.1', 'Refused for its reputation')]],
  ['drop', [{ kind: 'rejected' }]],
  ['defer', [QUEUED, DEFERRED, DELIVERED]],
  ['slow', [QUEUED, DEFERRED, DEFERRED, DEFERRED, DELIVERED]],
  ['open', [QUEUED, DELIVERED, OPENED]],
  ['machineopen', [QUEUED, DELIVERED, { kind: 'opened', machine: true }]],
  ['click', [QUEUED, DELIVERED, OPENED, CLICKED]],
  ['complaint', [QUEUED, DELIVERED, { kind: 'complained' }]],
  ['unsubscribe', [QUEUED, DELIVERED, { kind: 'unsubscribed' }]],
]);

/** The names that select a scenario: `bounce@…` bounces, and so does `bounce+anything@…`. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.keys()];

/**
 * Returns what happens to a message to this address, the same in all sandboxes. With any other name it is delivered.
 */
export function scenarioOf(address: string): readonly SimulatedEvent[] {
  const name = /^[^+@]*/.exec(address)?.[0].toLowerCase() ?? '';
  return SCENARIOS.get(name) ?? [QUEUED, DELIVERED];
}
