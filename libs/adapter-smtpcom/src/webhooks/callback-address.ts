import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import type { VendorEvent } from './vendor-events.ts';

export const TOKEN_PARAMETER = 'token';
export const EVENT_PARAMETER = 'event';

/** The URL with the token that authenticates requests in its query. The settings ensure that it needs no encoding. */
export function callbackAddress(url: string, { webhookToken = '' }: SmtpcomSettings): string {
  return webhookToken === '' ? url : `${url}?${TOKEN_PARAMETER}=${webhookToken}`;
}

/** The registered URL: each event has a separate callback, and its URL names the event. */
export function eventAddress(url: string, settings: SmtpcomSettings, event: VendorEvent): string {
  const address = callbackAddress(url, settings);
  return `${address}${address === url ? '?' : '&'}${EVENT_PARAMETER}=${event}`;
}
