import { describe, expect, it } from '@jest/globals';
import type { FieldError } from '@score-crm/adapter-kit';
import { isSenderAllowed, readSenderDomains } from '../src/connections/sender-domains.ts';

function read(value: unknown): { domains: readonly string[] | null; errors: FieldError[] } {
  const errors: FieldError[] = [];
  return { domains: readSenderDomains(value, errors), errors };
}

describe('allowed sender domains', () => {
  it.each<[string, unknown, readonly string[] | null]>([
    ['absent', undefined, null],
    ['null', null, null],
    ['empty', [], null],
    ['plain', ['example.com'], ['example.com']],
    ['in capitals and beyond ASCII', [' Example.COM ', 'bücher.example'], ['example.com', 'xn--bcher-kva.example']],
    ['with wildcards', ['*.example.com', '*.Bücher.example'], ['*.example.com', '*.xn--bcher-kva.example']],
    ['named twice', ['bücher.example', 'xn--bcher-kva.example'], ['xn--bcher-kva.example']],
  ])('that are %s are read', (_name, value, expected) => {
    expect(read(value)).toEqual({ domains: expected, errors: [] });
  });

  it.each<[unknown, string, string]>([
    ['example.com', '/allowedSenderDomains', 'wrong_type'],
    [{ 0: 'example.com' }, '/allowedSenderDomains', 'wrong_type'],
    [Array(101).fill('example.com'), '/allowedSenderDomains', 'too_many'],
    [['example.com', 'localhost'], '/allowedSenderDomains/1', 'invalid_domain'],
    ...[
      '',
      '*',
      '*.',
      '*.com',
      'a@example.com',
      'https://example.com',
      '[192.0.2.1]',
      '*.*.example.com',
      'x.*.example.com',
      'example.com.',
      7,
      null,
    ].map((entry): [unknown, string, string] => [[entry], '/allowedSenderDomains/0', 'invalid_domain']),
  ])('%j are refused', (value, pointer, code) => {
    expect(read(value).errors).toMatchObject([{ pointer, code }]);
  });

  it.each([
    ['ada@example.com', true],
    ['ADA@EXAMPLE.COM', true],
    ['ada@news.example.com', false],
    ['ada@notexample.com', false],
    ['ada@example.com.evil.example', false],
    ['ada@mail.example.net', true],
    ['ada@a.b.example.net', true],
    ['ada@example.net', false],
    ['ada@evilexample.net', false],
    ['ada@bücher.example', true],
    ['ada@xn--bcher-kva.example', true],
    ['"ada@example.com"@evil.example', false],
    ['not an address', false],
  ])('allow %s: %s', (email, expected) => {
    const domains = ['example.com', '*.example.net', 'xn--bcher-kva.example'];
    expect(isSenderAllowed(email, domains)).toBe(expected);
    expect(isSenderAllowed(email, null)).toBe(true);
  });
});
