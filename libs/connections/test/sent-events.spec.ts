import { describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails, EmailMessage } from '@score-crm/adapter-kit';
import { sentEvents } from '../src/sending/sent-events.ts';

const IDS = { connectionId: 'c-1', messageId: 'm-1' };

function bounceClassOf(recipient: string, reply: Pick<AdapterErrorDetails, 'smtpCode' | 'enhancedCode'>) {
  const message: EmailMessage = { from: { email: 'a@b.example' }, to: [{ email: recipient }], subject: 'x' };
  const error: AdapterErrorDetails = {
    stage: 'recipient',
    code: 'recipient_rejected',
    fault: 'recipient',
    retryable: false,
    hint: 'Check the address.',
    ...reply,
  };
  const [item] = sentEvents(
    message,
    { messageId: 'v-1', accepted: [], rejected: [{ recipient, error }] },
    IDS,
    new Date(),
  );
  return item?.ok === true ? item.event.bounce?.class : undefined;
}

describe('a recipient that a server rejects', () => {
  it.each([
    { smtpCode: 501 },
    { smtpCode: 553 },
    { smtpCode: 501, enhancedCode: '5.1.3' },
    { smtpCode: 553, enhancedCode: '5.6.7' },
    { smtpCode: 501, enhancedCode: '5.5.4' },
  ])('with letters beyond ASCII by %j is not a hard bounce', (reply) => {
    expect(bounceClassOf('jürgen@recipient.example', reply)).toBe('policy');
  });

  it('with letters beyond ASCII that does not exist is a hard bounce', () => {
    expect(bounceClassOf('jürgen@recipient.example', { smtpCode: 550, enhancedCode: '5.1.1' })).toBe('hard');
  });

  it('with an ASCII address that is malformed is a hard bounce', () => {
    expect(bounceClassOf('a@b.example', { smtpCode: 501, enhancedCode: '5.1.3' })).toBe('hard');
  });
});
