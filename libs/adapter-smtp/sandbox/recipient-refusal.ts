import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import type { Refusal } from './mail-server.ts';

/**
 * Returns a relay's immediate reply to a message for this address. A relay only knows what the recipient's server or
 * its own suppression list reports during the call; opens, clicks and complaints have no reply.
 */
export function recipientRefusal(address: string): Refusal {
  return scenarioOf(address)
    .map(refusal)
    .find((reply) => reply !== undefined);
}

function refusal(simulatedEvent: SimulatedEvent): Refusal {
  if (simulatedEvent.kind === 'rejected') return '550 5.7.1 Recipient address is suppressed';
  if (simulatedEvent.kind === 'bounced') return reply(simulatedEvent.code, simulatedEvent);
  // 421, as other sandboxes use, would end the whole session here (RFC 5321, section 3.8).
  return simulatedEvent.kind === 'deferred' ? reply(451, simulatedEvent) : undefined;
}

function reply(code: number, { enhancedCode, text }: { readonly enhancedCode: string; readonly text: string }): string {
  return `${String(code)} ${enhancedCode} ${text}`;
}
