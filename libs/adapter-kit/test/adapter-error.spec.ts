import { AdapterError, type AdapterErrorDetails, mayHaveBeenSent } from '@score-crm/adapter-kit';

const DETAILS: AdapterErrorDetails = {
  stage: 'authenticate',
  code: 'authentication_failed',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor rejected the key. Enter a valid one.',
};

describe('AdapterError', () => {
  it('has a readable message', () => {
    const error = new AdapterError(DETAILS);
    expect(String(error)).toBe(
      'AdapterError: authentication_failed (authenticate): The vendor rejected the key. Enter a valid one.',
    );
    expect(error).toBeInstanceOf(Error);
    expect(error.details).toEqual(DETAILS);
  });

  it.each([
    [499, 499],
    [500, 500],
    [501, 500],
    [100_000, 500],
  ])('cuts a reply of %i characters to %i', (length, kept) => {
    expect(new AdapterError({ ...DETAILS, reply: 'x'.repeat(length) }).details.reply).toBe('x'.repeat(kept));
  });

  it('does not cut a surrogate pair in half', () => {
    const reply = new AdapterError({ ...DETAILS, reply: `${'x'.repeat(499)}😀` }).details.reply;
    expect(reply).toBe('x'.repeat(499));
  });

  it('keeps the reply out of its message', () => {
    expect(new AdapterError({ ...DETAILS, reply: '535 no' }).message).not.toContain('535');
  });

  it('has no cause unless one is passed', () => {
    expect(new AdapterError(DETAILS)).not.toHaveProperty('cause');
    expect(new AdapterError(DETAILS, { cause: 'it' }).cause).toBe('it');
  });
});

describe('mayHaveBeenSent', () => {
  it.each<[boolean, string, Partial<AdapterErrorDetails>]>([
    [true, 'a break during the exchange', { code: 'connection_closed' }],
    [true, 'a timeout', { code: 'timeout' }],
    [true, 'an error that the adapter does not recognize', { code: 'unexpected' }],
    [true, 'a response that is not the vendor’s', { code: 'invalid_response', status: 200 }],
    [true, 'a failure of the vendor’s server', { code: 'temporarily_unavailable', status: 500 }],
    [true, 'a failure of a gateway', { code: 'temporarily_unavailable', status: 504 }],
    [false, 'a server that accepts no requests', { code: 'temporarily_unavailable', status: 503 }],
    [false, 'a redirect', { code: 'invalid_response', status: 302 }],
    [false, 'a rejection', { code: 'invalid_request', status: 400 }],
    [false, 'a rejection with a successful status', { code: 'message_rejected', status: 200 }],
    [false, 'a reply to DATA', { code: 'temporarily_unavailable', smtpCode: 451 }],
    [true, 'a reply to DATA that makes no sense', { code: 'invalid_response', smtpCode: 354 }],
    [false, 'a feature that the vendor does not have', { code: 'unsupported' }],
    [false, 'a timeout before the message', { code: 'timeout', stage: 'recipient' }],
    [false, 'a failed connection', { code: 'connection_closed', stage: 'connect' }],
  ])('is %j for %s', (expected, _name, details) => {
    expect(mayHaveBeenSent({ ...DETAILS, stage: 'message', ...details })).toBe(expected);
  });
});
