/** Options of `startSandbox`. */
export interface VendorSandboxOptions {
  /** 0 (the default) selects a free port. */
  readonly port?: number;
  /** Addresses and domains (`@sender.example`) that may send. If omitted, all may. */
  readonly verifiedSenders?: readonly string[];
  /** Milliseconds between two events of one message. Default: 200. */
  readonly paceMs?: number;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** A message that a sandbox accepted. */
export interface SandboxMail {
  /** The id that was returned to the sender. */
  readonly messageId: string;
  readonly from: string;
  /** All recipients: to, cc and bcc. */
  readonly recipients: readonly string[];
  readonly subject: string;
  /** True if the vendor was asked to check the message without sending it. */
  readonly sandboxed?: boolean;
}

/** A webhook that was registered through a sandbox's API or added beforehand. */
export interface SandboxWebhook {
  readonly id: string;
  readonly url: string;
}

/** The common interface of all vendor sandboxes: what `startSandbox` of `@score-crm/adapter-…/sandbox` resolves to. */
export interface VendorSandbox {
  readonly vendor: string;
  /** The base URL of its API, for `VendorEndpoints`. Undefined if the settings themselves lead to it. */
  readonly url?: string;
  /** Settings of an account for which everything works. */
  readonly settings: Settings;
  /** Changes to the settings that cause a failure, by the code of the resulting error. */
  readonly failures: Readonly<Record<string, Settings>>;
  /** The accepted messages, oldest first. */
  readonly mails: readonly SandboxMail[];
  /** The registered webhooks. */
  readonly webhooks: readonly SandboxWebhook[];
  /** Adds a webhook that belongs to someone else. */
  addForeignWebhook?(url: string): void;
  /** Resolves when the events of all accepted messages have been posted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a sandbox. Close it after use. */
export type StartSandbox = (options?: VendorSandboxOptions) => Promise<VendorSandbox>;

/** Whether an address may send, according to `VendorSandboxOptions.verifiedSenders`. */
export function isVerifiedSender(verified: readonly string[] | undefined, sender: string): boolean {
  const address = sender.toLowerCase();
  return verified?.some((own) => (own.startsWith('@') ? address.endsWith(own) : address === own)) ?? true;
}

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
