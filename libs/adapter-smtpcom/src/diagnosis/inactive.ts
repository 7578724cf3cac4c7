import { AdapterError } from '@score-crm/adapter-kit';
import { scrubberOf } from '../api/scrubber.ts';
import { ACTIVE } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/**
 * A missing status is ignored.
 * @param what e.g. “the account”
 * @throws AdapterError `permission_denied` if there is a status other than active
 */
export function refuseInactive(what: string, status: unknown, settings: SmtpcomSettings): void {
  if (typeof status !== 'string' || status.toLowerCase() === ACTIVE) return;
  throw new AdapterError({
    stage: 'message',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: `The API key is valid, but ${what} is not active at SMTP.com. Check it there.`,
    reply: scrubberOf(settings)(status),
  });
}
