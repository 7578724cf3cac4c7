import { enhancedCodeOf, parseStatusCodes, replyCodeOf } from '../../src/index.ts';

describe('parseStatusCodes', () => {
  it.each([
    ['550 5.1.1 User unknown', 550, '5.1.1'],
    ['550-5.1.1 The email account does not exist', 550, '5.1.1'],
    ['550 #5.7.1 Your access to submit messages has been rejected', 550, '5.7.1'],
    ['550 sorry, no mailbox here by that name (#5.1.1)', 550, '5.1.1'],
    ['550 sorry, no mailbox here by that name. (#5.1.1 - chkusr)', 550, '5.1.1'],
    ['550 User unknown (5.1.1)', 550, '5.1.1'],
    ['554 [5.7.1] Service refused', 554, '5.7.1'],
    ['550 Mailbox unavailable [5.1.1]', 550, '5.1.1'],
    ['smtp; 550 5.1.1 User unknown', 550, '5.1.1'],
    ['smtp;550-5.1.1 User unknown', 550, '5.1.1'],
    ['SMTP; 550 5.1.1: Recipient address rejected', 550, '5.1.1'],
    ['5.1.1 (bad destination mailbox address)', undefined, '5.1.1'],
    ['smtp; 5.4.7 - Delivery expired', undefined, '5.4.7'],
    ['550-Requested action not taken\r\n550 5.1.1 mailbox unavailable', 550, '5.1.1'],
    [
      '550-5.7.26 This mail has been blocked\r\n550-5.7.26 because the sender\n550 5.7.26 is unauthenticated',
      550,
      '5.7.26',
    ],
    ['host mx.example[198.51.100.7] said: 550 5.1.1 <a@b.example>: unknown (in reply to RCPT TO)', 550, '5.1.1'],
    ['host mx.example[198.51.100.7] said: 550 No such user (in reply to RCPT TO command)', 550, undefined],
    ['SMTP error from remote mail server after RCPT TO:<a@b.example>: 452 4.2.2 full', 452, '4.2.2'],
    ["Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'", 550, '5.1.10'],
    ["Remote Server returned '554 5.4.310 DNS domain example does not exist'", 554, '5.4.310'],
    ['#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##', 550, '5.1.1'],
    ['550 Unknown user. Status: 5.1.1', 550, '5.1.1'],
    ['550 5.1.1', 550, '5.1.1'],
    ['550', 550, undefined],
    ['550 5.7.1.', 550, '5.7.1'],
    ['452 4.3.1 Insufficient system storage', 452, '4.3.1'],
    ['250 2.1.5 OK', 250, '2.1.5'],
    ['', undefined, undefined],
    ['Mailbox unavailable', undefined, undefined],
  ])('parses %j', (text, code, enhancedCode) => {
    expect(parseStatusCodes(text)).toEqual({
      ...(code === undefined ? {} : { code }),
      ...(enhancedCode === undefined ? {} : { enhancedCode }),
    });
  });

  it.each([
    ['an IP address', '550 5.4.3.2 is listed'],
    ['an IP address in brackets', '554 Client host [5.4.3.2] blocked'],
    ['the end of an IP address', '554 client 195.5.1.1 refused'],
    ['an IP address after a code', '554 5.1.1.200'],
    ['a version', '554 rejected by MailGate 5.1.1'],
    ['a version with its letter', '554 rejected by v5.1.1 of the filter'],
    ['the version of a server', '554 Exim 4.94.2 refuses'],
    ['a host name', '550 mx5.1.1.example refuses'],
    ['a host name after a code', '550 5.1.1.example refuses'],
    ['a name with a hyphen', '550 node-5.1.1 refuses'],
    ['a date', '550 blocked since 5.1.24'],
    ['a date after the code', '550 5.1.2024 blocked'],
    ['leading zeros', '550 5.01.1 blocked'],
    ['four digits', '550 5.1.1000 blocked'],
    ['another class', '550 3.1.1 blocked'],
    ['an address', '550 5.1.1@example.com unknown'],
    ['a contradiction', '550 4.2.1 try later'],
  ])('parses no code from %s', (_what, text) => {
    expect(parseStatusCodes(text)).toEqual({ code: Number(text.slice(0, 3)) });
  });

  it('parses no code from a port, a longer number or a decimal', () => {
    expect(parseStatusCodes('port: 587 is closed')).toEqual({});
    expect(parseStatusCodes('5501 messages')).toEqual({});
    expect(parseStatusCodes('550.5 megabytes')).toEqual({});
  });

  it('prefers an enhanced code that agrees with the reply code', () => {
    expect(parseStatusCodes('550 4.2.1 was 450 before (#5.2.1)')).toEqual({ code: 550, enhancedCode: '5.2.1' });
  });

  it.each(['550 ', '550-', '550 5.1.', '(#5.1.1', '5.', 'smtp;', 'said: ', 'a'.repeat(31), ' ', '#', '5.1.1'])(
    'parses 1 MiB of %j without backtracking',
    (part) => {
      // Anything but linear time would exceed the time limit of a test by far.
      const text = part.repeat(Math.ceil((1024 * 1024) / part.length));
      expect(() => parseStatusCodes(text)).not.toThrow();
    },
  );
});

describe('enhancedCodeOf and replyCodeOf', () => {
  it('accept a code and nothing else', () => {
    expect(enhancedCodeOf('5.1.1')).toBe('5.1.1');
    expect(['5.1.1 ', '5.1', '5.1.1.1', '3.1.1', '5.01.1', undefined].map((field) => enhancedCodeOf(field))).toEqual(
      Array(6).fill(undefined),
    );
    expect(replyCodeOf('550')).toBe(550);
    expect(['605', '199', '5500', '', undefined].map(replyCodeOf)).toEqual(Array(5).fill(undefined));
  });

  it.each([
    ['5.1.1', '5.7.1', '5.1.1'],
    ['5.0.0', '5.7.1', '5.7.1'],
    ['4.0.0', '4.2.2', '4.2.2'],
    ['5.0.0', undefined, '5.0.0'],
    ['5.0', '5.7.1', '5.7.1'],
    [undefined, '5.7.1', '5.7.1'],
  ])('return the more specific of %j in a field and %j in the reply', (field, enhancedCode, expected) => {
    expect(enhancedCodeOf(field, enhancedCode === undefined ? {} : { enhancedCode })).toBe(expected);
  });
});
