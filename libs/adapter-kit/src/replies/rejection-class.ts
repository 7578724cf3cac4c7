import type { AdapterErrorDetails } from '../errors/adapter-error.ts';
import type { BounceClass } from '../events/email-event.ts';
import { bounceClassOf } from './bounce-class.ts';

/**
 * Returns the class of a recipient that was rejected during the call to the vendor. It follows from the codes, except
 * that a rejection with another fault than `recipient` never counts against the address: servers also use the codes of
 * invalid addresses for senders.
 */
export function rejectionClass({ fault, retryable, smtpCode, enhancedCode }: AdapterErrorDetails): BounceClass {
  const byCodes = bounceClassOf({
    ...(smtpCode === undefined ? {} : { code: smtpCode }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
  });
  if (byCodes === 'block' || byCodes === 'policy') return byCodes;
  if (fault === 'sender' || fault === 'configuration') return 'policy';
  if (retryable) return 'soft';
  return fault === 'recipient' ? byCodes : 'policy';
}
