import type { SandboxAnswer, SandboxWebhook } from '@score-crm/adapter-kit/sandbox';
import { isChannel } from './account.ts';
import { answers } from './answers.ts';

const VENDOR_EVENTS = [
  'received',
  'queued',
  'delivered',
  'failed',
  'hard_bounced',
  'bounceback',
  'complained',
  'unsubscribed',
  'opened',
  'clicked',
] as const;

/** The events for which callbacks can be created. */
export type VendorEvent = (typeof VENDOR_EVENTS)[number];

/** One callback of the account. */
export interface Callback {
  readonly channel: string;
  readonly event: VendorEvent;
  readonly medium: 'http' | 'sqs';
  readonly address: string;
}

type Parameters = Readonly<Record<string, unknown>>;

/** The callbacks of the account: one for each channel and event. https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml` */
export class Callbacks {
  private readonly byKey = new Map<string, Callback>();

  get webhooks(): readonly SandboxWebhook[] {
    return [...this.byKey].map(([id, { address }]) => ({ id, url: address }));
  }

  find(channel: string, event: VendorEvent): Callback | undefined {
    return this.byKey.get(keyOf(channel, event));
  }

  set(callback: Callback): void {
    this.byKey.set(keyOf(callback.channel, callback.event), callback);
  }

  /** Without an event the call applies to all callbacks of the account. */
  answer(method: string, event: string, parameters: Parameters): SandboxAnswer {
    if (event === '') return this.answerAll(method);
    if (!isVendorEvent(event)) return answers.invalid({ event: 'invalid' });
    const { channel } = parameters;
    if (channel === undefined) return answers.invalid({ channel: 'could not be blank' });
    if (!isChannel(channel)) return answers.invalid({ channel: 'invalid' });
    const found = this.find(channel, event);
    if (method === 'POST') return this.create(channel, event, found, parameters);
    if (found === undefined) return answers.invalid({ event: 'not found' });
    if (method === 'GET') return answers.success({ ...found, aws_data: null });
    if (method === 'PATCH') return this.put({ ...found, ...parameters, channel, event });
    if (method !== 'DELETE') return answers.notFound;
    this.byKey.delete(keyOf(channel, event));
    return answers.success();
  }

  private answerAll(method: string): SandboxAnswer {
    if (method === 'GET') return answers.success({ items: [...this.byKey.values()] });
    if (method !== 'DELETE') return answers.notFound;
    this.byKey.clear();
    return answers.success({ callbacks: 'deleted' });
  }

  private create(
    channel: string,
    event: VendorEvent,
    found: Callback | undefined,
    { medium, address }: Parameters,
  ): SandboxAnswer {
    return found === undefined
      ? this.put({ medium, address, channel, event }, { callback: 'created' })
      : answers.invalid({ event: 'already exists' });
  }

  private put(callback: Parameters & { channel: string; event: VendorEvent }, data: object = {}): SandboxAnswer {
    const { channel, event, medium, address } = callback;
    if (medium !== 'http' && medium !== 'sqs') return answers.invalid({ medium: 'invalid' });
    if (typeof address !== 'string' || (medium === 'http' && !/^https?:\/\//.test(address))) {
      return answers.invalid({ address: 'invalid' });
    }
    this.set({ channel, event, medium, address });
    return answers.success(data);
  }
}

function isVendorEvent(name: string): name is VendorEvent {
  return VENDOR_EVENTS.some((event) => event === name);
}

function keyOf(channel: string, event: VendorEvent): string {
  return `${channel}/${event}`;
}
