import { jest } from '@jest/globals';
import { HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { MailgunAdapter, MailgunSettings } from '@score-crm/adapter-mailgun';
import { SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';

/** The time of tests with `freezeDate`, in whole seconds. */
export const NOW = new Date('2026-03-04T05:06:07Z');

/** Stops `Date`, and no timers. Undone by `jest.useRealTimers()`. */
export function freezeDate(): void {
  jest.useFakeTimers({
    now: NOW,
    doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'].concat([
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ]) as [],
  });
}

/** Creates an adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): MailgunAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new MailgunAdapter(http, new VendorEndpoints({ mailgun: url }));
}

export function settings(overrides: Partial<MailgunSettings> = {}): MailgunSettings {
  const works = { apiKey: SANDBOX_KEYS.working, domain: SANDBOX_DOMAINS.working };
  return Object.assign(new MailgunSettings(), works, overrides);
}

/** A form as names and values; files by their names. */
export function entriesOf(form: FormData | undefined): readonly (readonly [string, string])[] {
  return [...(form ?? [])].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
}

export type Called = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** Calls the API of a sandbox as another program would. */
export function callerOf({ url }: { readonly url: string }, apiKey: string = SANDBOX_KEYS.working) {
  return async (method: string, path: string, body?: URLSearchParams | FormData | string): Promise<Called> => {
    const authorization = `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`;
    const response = await fetch(url + path, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as Called['body']) : { text } };
  };
}
