import type { AdapterErrorDetails } from '../errors/adapter-error.ts';
import type { BounceClass } from '../events/email-event.ts';
import { bounceClassOf } from './bounce-class.ts';

/**
 * The class of a recipient that was rejected while a message was handed over. It follows from the codes, except that a
 * rejection that is not the recipient's fault is never held against the address: servers use the codes of dead addresses
 * for senders too.
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
