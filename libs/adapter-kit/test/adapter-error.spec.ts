import { AdapterError, type AdapterErrorDetails } from '@score-crm/adapter-kit';

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
