import { ADAPTER_ERROR_CODES, tlsError } from '@score-crm/adapter-kit';
import { describe, expect, it } from '@jest/globals';
import { causeInWords, codeInWords, retryInWords } from '../src/connections/test/failure-words.ts';

const FAULTS = ['recipient', 'sender', 'vendor', 'configuration', 'network'] as const;

describe('the words of a failure', () => {
  it('name every code and a cause', () => {
    for (const code of ADAPTER_ERROR_CODES) {
      expect(codeInWords(code)).toMatch(/^[A-Z]/);
      for (const fault of FAULTS) expect(causeInWords({ code, fault })).toMatch(/^(The|A) /);
    }
    expect(codeInWords('of_another_release')).toBe('of another release');
  });

  it.each([
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_TLS_HANDSHAKE_TIMEOUT',
  ])('suggest to retry after %s only if its hint does', (code) => {
    const details = tlsError(Object.assign(new Error('It failed.'), { code }))?.details;
    if (details === undefined) throw new Error(`${code} is not an error of TLS.`);
    expect(retryInWords(details)).toBe(
      /again later/.test(details.hint) ? 'May work later without changes.' : 'Won’t help until this is fixed.',
    );
  });

  it('name host or port for a refused connection, and no retry', () => {
    const refused = { stage: 'connect', code: 'connection_refused', fault: 'configuration', retryable: false } as const;
    expect([causeInWords(refused), retryInWords(refused)]).toEqual(['The host or the port', undefined]);
  });

  it('say how long to wait', () => {
    const limited = { stage: 'message', code: 'rate_limited', retryable: true, retryAfterMs: 90_000 } as const;
    expect(retryInWords(limited)).toBe('Try again in 2 minutes.');
  });
});
