import { createHash } from 'node:crypto';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';

/** The keys of the sandbox. Each except the first causes an error. They look like the vendor's: 40 digits. */
export const SANDBOX_KEYS = {
  working: key('working'),
  forbidden: key('forbidden'),
  noQuota: key('no quota'),
  unverifiedSender: key('unverified sender'),
  rateLimited: key('rate limited'),
  serverError: key('server error'),
  hanging: key('hanging'),
  notJson: key('not JSON'),
} as const;

/** The channels of its account, by their status. */
export const SANDBOX_CHANNELS = {
  active: 'acme_transactional',
  other: 'acme_newsletter',
  canceled: 'acme_old',
} as const;

const KEYS: ReadonlySet<string> = new Set(Object.values(SANDBOX_KEYS));
const CHANNELS: ReadonlySet<unknown> = new Set(Object.values(SANDBOX_CHANNELS));

const FAILURES: ReadonlyMap<string, SandboxAnswer> = new Map<string, SandboxAnswer>([
  [SANDBOX_KEYS.forbidden, answers.forbidden],
  [SANDBOX_KEYS.rateLimited, answers.rateLimited],
  [SANDBOX_KEYS.serverError, answers.serverError],
  [SANDBOX_KEYS.hanging, 'hang'],
  [SANDBOX_KEYS.notJson, answers.notJson],
]);
/** The account can be read, but cannot send. */
const SENDING_FAILURES: ReadonlyMap<string, SandboxAnswer> = new Map<string, SandboxAnswer>([
  [SANDBOX_KEYS.noQuota, answers.invalid({ channel: 'monthly quota exceeded' })],
  [SANDBOX_KEYS.unverifiedSender, answers.invalid({ originator: 'the domain of the sender is not verified' })],
]);

/** Returns the rejection of a request with this key, or undefined. */
export function refusalOf(apiKey: unknown, isMessage: boolean): SandboxAnswer | undefined {
  if (typeof apiKey !== 'string' || !KEYS.has(apiKey)) return answers.wrongKey;
  return FAILURES.get(apiKey) ?? (isMessage ? SENDING_FAILURES.get(apiKey) : undefined);
}

export function isChannel(name: unknown): name is string {
  return CHANNELS.has(name);
}

/** The response of `GET /v4/account/`. */
export const ACCOUNT = {
  status: 'active',
  first_name: 'Ada',
  last_name: 'Smith',
  email: 'ada@sender.example',
  company_name: 'Acme',
  usage: 12,
  date_created: 'Wed, 07 Apr 2021 10:58:34 +0000',
} as const;

/** The form of a channel in the data of its response: the variants of documentation and clients. */
export type ChannelShape = 'object' | 'items' | 'list';

export function channelData(name: string, shape: ChannelShape): object {
  const channel = {
    name,
    status: name === SANDBOX_CHANNELS.canceled ? 'canceled' : 'active',
    quota: 50_000,
    usage: 12,
    label: 'Acme',
    smtp_username: name,
    date_created: 1_628_691_980,
  };
  if (shape === 'object') return channel;
  return { items: shape === 'items' ? channel : [channel] };
}

function key(name: string): string {
  return createHash('sha1').update(`SMTP.com sandbox: ${name}`).digest('hex');
}
