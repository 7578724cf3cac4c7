import type { AuditAction, DeliveryStatus, SuppressionReason, WebhookMessageState } from '../api/types.ts';
import { isAuditAction } from '../audit/audit-words.ts';
import { isDeliveryStatus } from '../connections/deliveries/delivery-words.ts';
import { isEventKind, isFeedKind } from '../connections/events/event-words.ts';
import { isMessageState } from '../outgoing/message-states.ts';
import { isSuppressionReason } from '../suppressions/suppression-words.ts';

/** The query of a page's address. Values that the page cannot use are ignored. */
type Search = Readonly<Record<string, unknown>>;

interface SignInSearch {
  /** The console's page to open afterwards. */
  readonly to?: string;
}

export function signInSearch({ to }: Search): SignInSearch {
  // `//host` and `/\host` lead to another site.
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? { to } : {};
}

interface ListSearch {
  readonly search?: string;
  readonly vendor?: string;
  readonly enabled?: boolean;
  /** From 1. */
  readonly page?: number;
}

export function listSearch({ search, vendor, enabled, page }: Search): ListSearch {
  return {
    ...text('search', search),
    ...text('vendor', vendor),
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
    ...(typeof page === 'number' && Number.isInteger(page) && page > 1 ? { page } : {}),
  };
}

interface NewSearch {
  readonly vendor?: string;
  /** The preset to start with. */
  readonly preset?: string;
  /** The id of the connection to duplicate. */
  readonly copy?: string;
}

export function newSearch({ vendor, preset, copy }: Search): NewSearch {
  return { ...text('vendor', vendor), ...text('preset', preset), ...text('copy', copy) };
}

export interface EventSearch {
  /** Kinds of events, separated by commas. */
  readonly kind?: string;
  readonly recipient?: string;
  readonly domain?: string;
  /** Times of receipt: ISO 8601, UTC. */
  readonly from?: string;
  readonly to?: string;
  readonly order?: 'asc';
  /** The event whose details are open. */
  readonly event?: string;
}

export function eventSearch({ kind, recipient, domain, from, to, order, event }: Search): EventSearch {
  const kinds = typeof kind === 'string' ? kind.split(',').filter(isEventKind) : [];
  return {
    ...text('kind', kinds.join(',')),
    ...text('recipient', recipient),
    ...text('domain', domain),
    ...time('from', from),
    ...time('to', to),
    ...(order === 'asc' ? { order } : {}),
    ...text('event', event),
  };
}

/** The kinds of the events that are shown. */
export function liveSearch(search: Search): Pick<EventSearch, 'kind'> {
  const { kind } = search;
  return text('kind', typeof kind === 'string' ? kind.split(',').filter(isFeedKind).join(',') : undefined);
}

export interface AuditSearch {
  /** The id of a connection. */
  readonly connection?: string;
  readonly actor?: string;
  readonly action?: AuditAction;
  /** ISO 8601, UTC. */
  readonly from?: string;
  readonly to?: string;
}

export function auditSearch({ connection, actor, action, from, to }: Search): AuditSearch {
  return {
    ...text('connection', connection),
    ...text('actor', actor),
    ...(isAuditAction(action) ? { action } : {}),
    ...time('from', from),
    ...time('to', to),
  };
}

export interface SuppressionSearch {
  readonly reason?: SuppressionReason;
  readonly address?: string;
}

export function suppressionSearch({ reason, address }: Search): SuppressionSearch {
  return { ...(isSuppressionReason(reason) ? { reason } : {}), ...text('address', address) };
}

export interface WebhookSearch {
  /** Of the webhook requests that are listed. */
  readonly status?: DeliveryStatus;
  /** The webhook request whose details are open. */
  readonly delivery?: string;
}

export function webhookSearch({ status, delivery }: Search): WebhookSearch {
  return { ...(isDeliveryStatus(status) ? { status } : {}), ...text('delivery', delivery) };
}

export interface OutgoingSearch {
  /** Of the messages that are listed. */
  readonly state?: WebhookMessageState;
  /** The message whose attempts are open. */
  readonly message?: string;
}

export function outgoingSearch({ state, message }: Search): OutgoingSearch {
  return { ...(isMessageState(state) ? { state } : {}), ...text('message', message) };
}

/** The period that statistics cover. */
export type StatsPeriod = '24h' | '7d' | '30d' | '12m';

export function isStatsPeriod(value: unknown): value is StatsPeriod {
  return value === '24h' || value === '7d' || value === '30d' || value === '12m';
}

export interface StatisticsSearch {
  readonly period?: StatsPeriod;
  /** Kinds of events, separated by commas; `none` for none of them. */
  readonly kind?: string;
}

export function statisticsSearch({ period, kind }: Search): StatisticsSearch {
  const kinds = typeof kind === 'string' ? kind.split(',').filter(isEventKind) : [];
  return {
    ...(isStatsPeriod(period) ? { period } : {}),
    ...text('kind', kind === 'none' ? kind : kinds.join(',')),
  };
}

function time<K extends string>(name: K, value: unknown): Partial<Record<K, string>> {
  const isTime = typeof value === 'string' && /^\d{4}-.+Z$/.test(value) && !Number.isNaN(Date.parse(value));
  return (isTime ? { [name]: value } : {}) as Partial<Record<K, string>>;
}

/** The router reads a search for `42` as a number. */
function text<K extends string>(name: K, value: unknown): Partial<Record<K, string>> {
  const isText = (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean';
  return (isText ? { [name]: String(value) } : {}) as Partial<Record<K, string>>;
}
