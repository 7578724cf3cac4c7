import { AdapterError } from '@score-crm/adapter-kit';
import { scrubberOf } from '../api/scrubber.ts';
import { ACTIVE } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/**
 * Nothing that has no status is held against it.
 * @param what e.g. “the account”
 * @throws AdapterError `permission_denied` if the status is told and another one than active
 */
export function refuseInactive(what: string, status: unknown, settings: SmtpcomSettings): void {
  if (typeof status !== 'string' || status.toLowerCase() === ACTIVE) return;
  throw new AdapterError({
    stage: 'message',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: `The API key is valid, but ${what} is not active at SMTP.com, so that nothing can be sent. Look at it there.`,
    reply: scrubberOf(settings)(status),
  });
}
