import { describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import {
  ConnectionInUseError,
  ConnectionNotFoundError,
  CONNECTIONS_ERROR_CODES,
  ConnectionsError,
  DatabaseUnavailableError,
  type ErrorCode,
  InvalidInputError,
  RegistrationFailedError,
  SendFailedError,
  StatementTooLargeError,
  toProblem,
  type Usage,
  VersionMismatchError,
} from '../src/index.ts';

const FAILED: AdapterErrorDetails = {
  stage: 'message',
  code: 'unexpected',
  fault: 'vendor',
  retryable: false,
  hint: 'Report this to the vendor.',
};

describe('toProblem', () => {
  it.each<[number, string | undefined, Partial<AdapterErrorDetails>]>([
    [422, undefined, { code: 'authentication_failed', fault: 'configuration' }],
    // The plan allows no more: waiting does not help.
    [422, undefined, { code: 'quota_exceeded', fault: 'configuration' }],
    [429, undefined, { code: 'quota_exceeded', retryable: true }],
    [429, '2', { code: 'rate_limited', retryable: true, retryAfterMs: 1_200 }],
    [504, undefined, { code: 'timeout', fault: 'network', retryable: true, retryAfterMs: 1_000 }],
    [503, '1', { code: 'temporarily_unavailable', retryable: true, retryAfterMs: 1_000 }],
    [502, undefined, { code: 'invalid_response' }],
  ])('returns %i with Retry-After %s for a vendor error with %j', (status, retryAfter, details) => {
    for (const error of [
      new RegistrationFailedError({ ...FAILED, ...details }),
      new SendFailedError({ ...FAILED, ...details }),
    ]) {
      const { body, headers } = toProblem(error);
      expect([body.status, headers['retry-after']]).toEqual([status, retryAfter]);
      expect(body).toMatchObject({ code: error.code, detail: FAILED.hint, error: error.details });
    }
  });

  it('lists the part of the message that a vendor names', () => {
    const { body } = toProblem(new SendFailedError({ ...FAILED, fault: 'recipient', pointer: '/to/0' }));
    expect(body.errors).toEqual([{ pointer: '/to/0', code: 'unexpected', message: FAILED.hint }]);
  });

  it('uses the names that IANA registers for 413 and 422', () => {
    expect(toProblem(new InvalidInputError([])).body).toMatchObject({ status: 422, title: 'Unprocessable Content' });
    expect(toProblem(new StatementTooLargeError(1_024)).body).toMatchObject({
      status: 413,
      title: 'Content Too Large',
      code: 'statement_too_large',
    });
  });

  it('lists up to 100 problems of an input, and says so if there may be more', () => {
    const problem = { pointer: '/name', code: 'required', message: 'Enter a name.' };
    const few = toProblem(new InvalidInputError([problem])).body;
    expect(few).toMatchObject({
      detail: 'The input is not valid. Each problem is listed in errors.',
      errors: [problem],
    });
    const many = toProblem(new InvalidInputError(Array.from({ length: 101 }, () => problem))).body;
    expect(many.errors).toHaveLength(100);
    expect(many.detail).toBe('The input is not valid. The first 100 problems are listed in errors.');
  });

  it('adds the current version as ETag and the usages that prevent a deletion', () => {
    expect(toProblem(new VersionMismatchError(7)).headers).toEqual({ etag: '"7"' });
    const usage: Usage = {
      consumer: 'campaign',
      ref: '42',
      name: 'Spring sale',
      status: 'running',
      active: true,
      createdAt: new Date(0),
      updatedAt: new Date(0),
    };
    const { body } = toProblem(new ConnectionInUseError([usage], 1));
    expect(body.usages).toEqual([{ consumer: 'campaign', ref: '42', name: 'Spring sale', status: 'running' }]);
  });

  it('asks to log errors of the service with Retry-After, and not those of the client', () => {
    const unavailable = toProblem(new DatabaseUnavailableError(new Error('connect ECONNREFUSED')));
    expect(unavailable).toMatchObject({ isLogged: true, headers: { 'retry-after': '5' }, body: { status: 503 } });
    expect(JSON.stringify(unavailable.body)).not.toContain('ECONNREFUSED');
    expect(toProblem(new ConnectionNotFoundError())).toMatchObject({ isLogged: false, headers: {} });
  });

  it('takes the table of an application that has errors of its own', () => {
    const codes = {
      ...CONNECTIONS_ERROR_CODES,
      campaign_over: { status: 410, description: 'The campaign has ended.' },
    } as const satisfies Record<string, ErrorCode>;
    class CampaignOverError extends ConnectionsError<'campaign_over'> {
      readonly code = 'campaign_over';
    }
    const error = new CampaignOverError('The campaign has ended.');
    expect(error.name).toBe('CampaignOverError');
    expect(toProblem(error, codes).body).toMatchObject({ status: 410, title: 'Gone', code: 'campaign_over' });
    expect(() => toProblem(error, CONNECTIONS_ERROR_CODES as never)).toThrow(
      'The error code campaign_over is not in the table.',
    );
  });
});
