import { isAboutSettings } from './webhook-settings.ts';

const VERBS: Readonly<Record<string, string>> = { GET: 'read', POST: 'create', PATCH: 'update', DELETE: 'delete' };

/** Returns the scope that a call needs, if it is known. */
export function scopeFor(method: string, path: string): string | undefined {
  if (path === '/v3/mail/send') return 'mail.send';
  if (path === '/v3/user/webhooks/event/test') return 'user.webhooks.event.test.create';
  return isAboutSettings(path) ? `user.webhooks.event.settings.${VERBS[method] ?? 'read'}` : undefined;
}
