import { errorOfReply } from '../src/smtp.reply-rules.ts';
import { parseReply, type SmtpReply } from '../src/smtp.reply.ts';

function reply(response: string): SmtpReply {
  const parsed = parseReply(response);
  if (parsed === undefined) throw new Error(`not a reply: ${response.slice(0, 50)}`);
  return parsed;
}

describe('the codes of a reply', () => {
  it.each([
    ['550 5.1.1 User unknown', '5.1.1'],
    ['550-5.1.1 The account does not exist.\n550 5.1.1 Check the address.', '5.1.1'],
    ['550-Requested action not taken\n550 5.1.1 mailbox unavailable', '5.1.1'],
    ['421-4.7.0 Try again later, closing connection. (EHLO)\n421 4.7.0 gsmtp', '4.7.0'],
    ['550 #5.7.1 Your access has been rejected', '5.7.1'],
    ['550 sorry, no mailbox here by that name (#5.1.1)', '5.1.1'],
    ['571 sorry, sender address has invalid format (#5.7.1 - chkuser)', '5.7.1'],
    ['550', undefined],
    ['550 5.4.3.2 is listed', undefined],
    ['554 Exim 4.94.2 says no', undefined],
    ['550 mx5.1.1.example says no', undefined],
    ['550 blocked since 5.1.24', undefined],
    ['421 deferred - 4.16.55.1; see the error codes', undefined],
    ['451 5.7.3 STARTTLS is required', undefined],
    ['550 2.1.5 accepted after all', undefined],
  ])('%j has the enhanced code %s', (response, enhancedCode) => {
    expect(reply(response)).toMatchObject({ code: Number(response.slice(0, 3)) });
    expect(reply(response).enhancedCode).toBe(enhancedCode);
  });

  it.each(['', '55', 'HTTP/1.1 400', '+OK', '999 no', '5501 no', '550.1 no', 'x550 no'])(
    '%j is not a reply',
    (response) => {
      expect(parseReply(response)).toBeUndefined();
    },
  );

  it('keeps the text for users unchanged, and for patterns without what the client chose', () => {
    const response =
      '550-5.7.1 <a@b.example>: Host mx.b.example rejected <host>\n550 5.7.1 See https://www.spamhaus.org/query/ip/192.0.2.1';
    expect(reply(response).text).toBe(
      '550-5.7.1 <a@b.example>: Host mx.b.example rejected <host> 550 5.7.1 See https://www.spamhaus.org/query/ip/192.0.2.1',
    );
    expect(reply(response).words).toBe('host rejected see www.spamhaus.org');
  });
});

describe('an address or a host name decides nothing', () => {
  it.each([
    '550 5.1.1 <sender-address-rejected@recipient.example>: Recipient address rejected: User unknown',
    '550 5.1.1 helo@recipient.example: user unknown',
    '550 5.1.1 <helo.command.rejected@spf.example> user unknown',
    '550 5.1.1 user unknown at relay.recipient.example',
    '550 5.1.1 user unknown at helo.example.',
    '550 5.1.1 user unknown (sender=relay@blocked.example)',
  ])('%s', (response) => {
    expect(errorOfReply('recipient', reply(response))).toMatchObject({
      code: 'recipient_rejected',
      fault: 'recipient',
    });
  });
});

describe('the name of an account decides nothing', () => {
  it.each(['relay', 'helo', 'spf', 'dkim-tls', 'blocked'])('%s', (name) => {
    const response = `553 5.7.1 <news@sender.example>: Sender address rejected: not owned by user ${name}`;
    expect(errorOfReply('recipient', reply(response))).toMatchObject({ code: 'sender_rejected', fault: 'sender' });
  });
});

describe('words about the client in another context', () => {
  it.each([
    ['503 5.5.1 Error: send HELO/EHLO first', 'recipient', 'unexpected'],
    ['450 4.2.1 The user you are trying to contact is receiving mail too quickly', 'recipient', 'recipient_deferred'],
    ['552 5.2.2 The user you are sending to is over quota', 'recipient', 'recipient_rejected'],
    ['450 4.7.1 Greylisted, this relay is new here', 'recipient', 'recipient_deferred'],
    ['550 5.2.1 This account has been disabled', 'recipient', 'recipient_rejected'],
    ['503 AUTH command must be used first', 'recipient', 'permission_denied'],
    ['550 5.7.1 Message blocked due to spam content', 'recipient', 'message_rejected'],
    [
      '550 5.1.1 The recipient does not exist. Tell the sender that the mailbox is gone',
      'recipient',
      'recipient_rejected',
    ],
  ] as const)('%s, to the %s, is %s', (response, phase, code) => {
    expect(errorOfReply(phase, reply(response))).toMatchObject({ code });
  });
});

describe('a hostile reply of 64 KiB', () => {
  const PARTS = [
    'daily ',
    'sender ',
    'sender address ',
    'ip ',
    'blocked ip ',
    'a',
    ' ',
    '@',
    '<',
    'relay-',
    '1.1.1.',
    '.a',
    '-',
    'from 1.1.1.1 ',
    '550 5.1.1 ',
    'http://',
  ];

  it.each(PARTS)('of %j is parsed and classified', (part) => {
    const response = `550 ${part.repeat(Math.ceil(65_536 / part.length))}`;
    const parsed = reply(response);
    // The text that the patterns search is limited, for any reply.
    expect(parsed.words.length).toBeLessThanOrEqual(2_048);
    for (const phase of ['greeting', 'hello', 'authenticate', 'sender', 'recipient', 'message'] as const) {
      expect(errorOfReply(phase, parsed).code).toBeDefined();
    }
  });
});
