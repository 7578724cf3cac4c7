import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import type { VendorEvent } from './vendor-events.ts';

export const TOKEN_PARAMETER = 'token';
export const EVENT_PARAMETER = 'event';

/** What proves a post: the token, which needs no encoding (the settings see to that), in the query. */
export function callbackAddress(url: string, { webhookToken = '' }: SmtpcomSettings): string {
  return webhookToken === '' ? url : `${url}?${TOKEN_PARAMETER}=${webhookToken}`;
}

/** As it is registered: an event has a callback of its own, whose address tells which event it is. */
export function eventAddress(url: string, settings: SmtpcomSettings, event: VendorEvent): string {
  const address = callbackAddress(url, settings);
  return `${address}${address === url ? '?' : '&'}${EVENT_PARAMETER}=${event}`;
}
