import { jest } from '@jest/globals';
import { MailgunAdapter, MailgunSettings } from '@score-crm/adapter-mailgun';
import { adapterAt, callApi } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';

/** The time of tests with `freezeDate`, in whole seconds. */
export const NOW = new Date('2026-03-04T05:06:07Z');

/** Stops `Date`, and no timers. Undone by `jest.useRealTimers()`. */
export function freezeDate(): void {
  const timers = 'hrtime nextTick performance queueMicrotask setImmediate clearImmediate setInterval clearInterval';
  jest.useFakeTimers({ now: NOW, doNotFake: `${timers} setTimeout clearTimeout`.split(' ') as [] });
}

export function adapterFor(server: { readonly url: string }): MailgunAdapter {
  return adapterAt(MailgunAdapter, 'mailgun', server);
}

export function settings(overrides: Partial<MailgunSettings> = {}): MailgunSettings {
  const works = { apiKey: SANDBOX_KEYS.working, domain: SANDBOX_DOMAINS.working };
  return Object.assign(new MailgunSettings(), works, overrides);
}

/** A form as names and values; files by their names. */
export function entriesOf(form: FormData | undefined): readonly (readonly [string, string])[] {
  return [...(form ?? [])].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
}

/** Calls the API of a sandbox as another program would. */
export function callerOf({ url }: { readonly url: string }) {
  const authorization = `Basic ${Buffer.from(`api:${SANDBOX_KEYS.working}`).toString('base64')}`;
  return (method: string, path: string, body?: unknown) => callApi(url + path, method, body, { authorization });
}
