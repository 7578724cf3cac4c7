import { describe, expect, it } from '@jest/globals';
import { InputField, SatisfiesText, validateInput } from '@score-crm/adapter-kit';
import { canonicalDomains, isSenderAllowed, senderDomainProblem } from '../src/connections/senders.ts';

class Input {
  @InputField({ label: 'Domains', items: 'string' })
  @SatisfiesText({ name: 'isSenderDomain', code: 'invalid_domain', problem: senderDomainProblem, each: true })
  domains!: readonly string[];
}

describe('allowed sender domains', () => {
  it.each<[string, readonly string[] | null, readonly string[] | null]>([
    ['null', null, null],
    ['empty', [], null],
    ['plain', ['example.com'], ['example.com']],
    ['in capitals and beyond ASCII', [' Example.COM ', 'bücher.example'], ['example.com', 'xn--bcher-kva.example']],
    ['with wildcards', ['*.example.com', '*.Bücher.example'], ['*.example.com', '*.xn--bcher-kva.example']],
    ['named twice', ['bücher.example', 'xn--bcher-kva.example'], ['xn--bcher-kva.example']],
  ])('that are %s have one canonical form', (_name, value, expected) => {
    for (const domain of value ?? []) expect(senderDomainProblem(domain)).toBeUndefined();
    expect(canonicalDomains(value)).toEqual(expected);
  });

  it.each([
    'localhost',
    '*',
    '*.',
    '*.com',
    'a@example.com',
    'https://example.com',
    '[192.0.2.1]',
    '*.*.example.com',
    'x.*.example.com',
    'example.com.',
  ])('reject %j', (domain) => {
    const result = validateInput(Input, { domains: ['example.com', domain] });
    expect(!result.ok && result.errors).toEqual([
      { pointer: '/domains/1', code: 'invalid_domain', message: senderDomainProblem(domain) },
    ]);
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
