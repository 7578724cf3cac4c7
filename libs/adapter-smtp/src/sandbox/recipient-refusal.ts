import { fateOf, type Happening } from '@score-crm/adapter-kit/sandbox';
import type { Refusal } from './mail-server.ts';

/**
 * What a relay says at once of a mail to this address. It knows at once only what the recipient's server or its own
 * suppression list tells while the mail is handed over; opens, clicks and complaints come by no reply.
 */
export function recipientRefusal(address: string): Refusal {
  return fateOf(address)
    .map(refusal)
    .find((reply) => reply !== undefined);
}

function refusal(happening: Happening): Refusal {
  if (happening.kind === 'rejected') return '550 5.7.1 Recipient address is suppressed';
  if (happening.kind === 'bounced') return reply(happening.code, happening);
  // 421, which others are told, would end the whole session here (RFC 5321, section 3.8).
  return happening.kind === 'deferred' ? reply(451, happening) : undefined;
}

function reply(code: number, { enhancedCode, text }: { readonly enhancedCode: string; readonly text: string }): string {
  return `${String(code)} ${enhancedCode} ${text}`;
}
