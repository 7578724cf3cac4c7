import { type AdapterErrorDetails, HttpResponse, statusError } from '@score-crm/adapter-kit';

const NOW = Date.parse('2026-01-02T03:04:05Z');

function errorFor(status: number, retryAfter?: string): AdapterErrorDetails {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return statusError(new HttpResponse(status, headers, Buffer.alloc(0)), {}, NOW).details;
}

describe('statusError', () => {
  it.each([
    [301, 'message', 'invalid_response', 'configuration', false],
    [302, 'message', 'invalid_response', 'configuration', false],
    [400, 'message', 'invalid_request', 'configuration', false],
    [401, 'authenticate', 'authentication_failed', 'configuration', false],
    [403, 'authenticate', 'permission_denied', 'configuration', false],
    [404, 'message', 'invalid_request', 'configuration', false],
    [408, 'message', 'temporarily_unavailable', 'vendor', true],
    [413, 'message', 'message_too_large', 'configuration', false],
    [422, 'message', 'invalid_request', 'configuration', false],
    [429, 'message', 'rate_limited', 'vendor', true],
    [500, 'message', 'temporarily_unavailable', 'vendor', true],
    [502, 'message', 'temporarily_unavailable', 'vendor', true],
    [503, 'message', 'temporarily_unavailable', 'vendor', true],
    [504, 'message', 'temporarily_unavailable', 'vendor', true],
    [599, 'message', 'temporarily_unavailable', 'vendor', true],
  ])('maps %i to %s, %s', (status, stage, code, fault, retryable) => {
    const details = errorFor(status);
    expect(details).toEqual({ stage, code, fault, retryable, status, hint: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:03:05 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['soon 1', undefined],
    ['', undefined],
    ['9999999999', undefined],
    ['Fri, 99 Jan 2026 03:05:05 GMT', undefined],
  ])('reads Retry-After: %s', (value, retryAfterMs) => {
    expect(errorFor(429, value).retryAfterMs).toBe(retryAfterMs);
    expect('retryAfterMs' in errorFor(429, value)).toBe(retryAfterMs !== undefined);
  });

  it('reads it for any status', () => {
    expect(errorFor(503, '2').retryAfterMs).toBe(2000);
  });

  it('lets the vendor’s own error map win, and keeps the rest', () => {
    const response = new HttpResponse(403, { 'retry-after': '3' }, Buffer.alloc(0));
    const { details } = statusError(response, {
      code: 'quota_exceeded',
      stage: 'message',
      retryable: true,
      reply: 'no credits',
    });
    expect(details).toMatchObject({
      code: 'quota_exceeded',
      stage: 'message',
      retryable: true,
      reply: 'no credits',
      fault: 'configuration',
      status: 403,
      retryAfterMs: 3000,
    });
  });
});
