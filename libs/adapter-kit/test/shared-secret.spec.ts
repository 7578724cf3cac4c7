import { describe, expect, it } from '@jest/globals';
import { basicVerdict, secretVerdict, type WebhookHead } from '@score-crm/adapter-kit';

type Header = WebhookHead['headers'][string];

const USER = 'acme';
const PASSWORD = 'n0body-Knows:this';

function basic(username = USER, password = PASSWORD): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

describe('basicVerdict', () => {
  it.each<[string, Header, string]>([
    ['absent', undefined, 'missing'],
    ['empty', '', 'missing'],
    ['an empty list', [], 'missing'],
    ['right', basic(), 'verified'],
    ['as a list of one', [basic()], 'verified'],
    ['with the scheme in lowercase', basic().replace('Basic', 'basic'), 'verified'],
    ['with two spaces', basic().replace(' ', '  '), 'verified'],
    ['twice', [basic(), basic()], 'invalid'],
    ['twice, one of them wrong', ['Basic x', basic()], 'invalid'],
    ['twice in one value', `${basic()}, ${basic()}`, 'malformed'],
    ['with another password', basic(USER, 'another-password'), 'invalid'],
    ['with another user', basic('another'), 'invalid'],
    ['with a longer password', basic(USER, `${PASSWORD}x`), 'invalid'],
    ['with a shorter password', basic(USER, PASSWORD.slice(0, -1)), 'invalid'],
    ['with a password in another case', basic(USER, PASSWORD.toLowerCase()), 'invalid'],
    ['without a password', basic(USER, ''), 'invalid'],
    ['without a user', basic(''), 'invalid'],
    ['with user and password exchanged', basic(PASSWORD, USER), 'invalid'],
    ['of another scheme', `Bearer ${PASSWORD}`, 'malformed'],
    ['right, for another scheme', basic().replace('Basic', 'Token'), 'malformed'],
    ['right, without a scheme', basic().replace('Basic ', ''), 'malformed'],
    ['only the password', PASSWORD, 'malformed'],
    ['only the scheme', 'Basic ', 'malformed'],
    ['not base64', 'Basic !?ä', 'malformed'],
    ['base64url', `Basic ${Buffer.from(`${USER}:\u00ff\u00ff`, 'latin1').toString('base64url')}`, 'malformed'],
    ['base64 without its padding', 'Basic YTpiYw', 'malformed'],
    ['without a colon', `Basic ${Buffer.from('nocolon').toString('base64')}`, 'malformed'],
    ['without end', `Basic ${'QTpB'.repeat(1_000_000)}`, 'invalid'],
  ])('of credentials that are %s', (_what, header, expected) => {
    expect(basicVerdict(header, USER, PASSWORD)).toBe(expected);
  });

  it('rejects credentials with any character changed', () => {
    const whole = basic();
    for (let at = 'Basic '.length; at < whole.length; at += 1) {
      const changed = whole.slice(0, at) + (whole[at] === 'A' ? 'B' : 'A') + whole.slice(at + 1);
      expect([changed, basicVerdict(changed, USER, PASSWORD)]).not.toContain('verified');
    }
  });

  it('verifies nothing for a connection without a password', () => {
    expect(basicVerdict(basic(USER, ''), USER, '')).toBe('invalid');
  });
});

describe('secretVerdict', () => {
  it.each<[string, Header, string]>([
    ['absent', undefined, 'missing'],
    ['empty', '', 'missing'],
    ['right', PASSWORD, 'verified'],
    ['twice', [PASSWORD, PASSWORD], 'invalid'],
    ['wrong', `${PASSWORD}x`, 'invalid'],
  ])('of a secret that is %s', (_what, header, expected) => {
    expect(secretVerdict(header, PASSWORD)).toBe(expected);
  });

  it('verifies nothing for a connection without a secret', () => {
    expect(secretVerdict('x', '')).toBe('invalid');
  });
});
