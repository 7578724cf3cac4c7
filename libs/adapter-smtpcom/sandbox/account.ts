import { createHash } from 'node:crypto';
import { jsonAnswer, type SandboxAnswer, type SandboxKey } from '@score-crm/adapter-kit/sandbox';

/** The responses of the API. https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml` */
export const answers = {
  success: (data?: object): SandboxAnswer =>
    jsonAnswer(200, { status: 'success', ...(data === undefined ? {} : { data }) }),
  invalid: (errors: Readonly<Record<string, unknown>>): SandboxAnswer => fail(400, { errors }),
  /** A rejection as clients in production parse it, without `errors`. */
  invalidFlat: (fields: Readonly<Record<string, unknown>>): SandboxAnswer => fail(400, fields),
  wrongKey: fail(401, { api_key: 'invalid' }),
  // No example of these is published.
  forbidden: fail(403, { api_key: 'not allowed' }),
  notFound: fail(404, { path: 'not found' }),
  rateLimited: jsonAnswer(429, { status: 'error', message: 'too many requests' }, { 'retry-after': '30' }),
  serverError: jsonAnswer(500, { status: 'error', message: 'internal error' }),
  notJson: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>502 Bad Gateway</h1></html>' },
} as const;

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

const CHANNELS: ReadonlySet<unknown> = new Set(Object.values(SANDBOX_CHANNELS));

/** What each key is good for. Two can read the account, but not send. */
export const KEY_RULES: Readonly<Record<string, SandboxKey>> = {
  [SANDBOX_KEYS.working]: 'works',
  [SANDBOX_KEYS.forbidden]: answers.forbidden,
  [SANDBOX_KEYS.rateLimited]: answers.rateLimited,
  [SANDBOX_KEYS.serverError]: answers.serverError,
  [SANDBOX_KEYS.hanging]: 'hang',
  [SANDBOX_KEYS.notJson]: answers.notJson,
  [SANDBOX_KEYS.noQuota]: refusesMessages({ channel: 'monthly quota exceeded' }),
  [SANDBOX_KEYS.unverifiedSender]: refusesMessages({ originator: 'the domain of the sender is not verified' }),
};

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

function refusesMessages(errors: Readonly<Record<string, string>>): SandboxKey {
  return ({ path }) => (/^\/v4\/messages\/?$/.test(path) ? answers.invalid(errors) : undefined);
}

function fail(status: number, data: Readonly<Record<string, unknown>>): SandboxAnswer {
  return jsonAnswer(status, { status: 'fail', data });
}
