import type { Probe } from '../../diagnosis/diagnosis.ts';
import type { EmailMessage } from '../../messages/email-message.ts';

const SENDER = { email: 'no-reply@sender.example', name: 'Acme' } as const;
export const RECIPIENT = 'ada@recipient.example';

/** A message that every vendor accepts. */
export function plainMessage(overrides: Partial<EmailMessage> = {}): EmailMessage {
  return { from: SENDER, to: [{ email: RECIPIENT }], subject: 'Welcome', text: 'Hello Ada', ...overrides };
}

/** A probe that sends nothing. */
export function silentProbe(overrides: Partial<Probe> = {}): Probe {
  return { from: SENDER, subject: '[TEST] Welcome', text: 'A test.', ...overrides };
}
