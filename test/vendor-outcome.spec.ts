import { describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { vendorOutcome } from '../src/problems/vendor-outcome.ts';

const HINT = 'Do something about it.';

function outcome(details: Partial<AdapterErrorDetails>): unknown[] {
  const told = { stage: 'webhook', code: 'unexpected', fault: 'vendor', retryable: false, hint: HINT, ...details };
  const { status, headers } = vendorOutcome('webhook_registration_failed', told as AdapterErrorDetails);
  return [status, headers?.['retry-after']];
}

describe('the answer to a vendor’s failure', () => {
  it.each<[number, string | undefined, Partial<AdapterErrorDetails>]>([
    [422, undefined, { code: 'authentication_failed', fault: 'configuration' }],
    // The plan allows no more of something: waiting does not help.
    [422, undefined, { code: 'quota_exceeded', fault: 'configuration' }],
    [429, undefined, { code: 'quota_exceeded', retryable: true }],
    [429, '2', { code: 'rate_limited', retryable: true, retryAfterMs: 1_200 }],
    [504, undefined, { code: 'timeout', fault: 'network', retryable: true, retryAfterMs: 1_000 }],
    [503, '1', { code: 'temporarily_unavailable', retryable: true, retryAfterMs: 1_000 }],
    [502, undefined, { code: 'invalid_response' }],
  ])('is %i with Retry-After %s for %j', (status, retryAfter, details) => {
    expect(outcome(details)).toEqual([status, retryAfter]);
  });
});
