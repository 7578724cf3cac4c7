import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Contract, ContractViolation, type ReceivedResponse } from './support/contract.ts';

const DOCUMENT = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));

const LIVE: ReceivedResponse = {
  method: 'GET',
  path: '/health/live',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  text: '{"status":"ok"}',
};
const NOT_FOUND: ReceivedResponse = {
  method: 'GET',
  path: '/api/v1/connections/0193a4de-6c2f-7c1e-9f0a-2b6f3f6d8a11?x=1',
  status: 404,
  contentType: 'application/problem+json; charset=utf-8',
  text: JSON.stringify({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    code: 'not_found',
    detail: 'Connection not found. Check the ID.',
    requestId: '1',
  }),
};

function withText(received: ReceivedResponse, change: object): ReceivedResponse {
  return { ...received, text: JSON.stringify({ ...JSON.parse(received.text), ...change }) };
}

describe('the check of responses against the OpenAPI document', () => {
  const seen: string[] = [];
  const contract = new Contract(DOCUMENT, (operationId, status) => seen.push(`${operationId} ${String(status)}`));

  it('accepts and records declared responses', () => {
    contract.check(LIVE);
    contract.check({ ...LIVE, method: 'HEAD', text: '' });
    contract.check(NOT_FOUND);
    expect(seen).toEqual(['getLiveness 200', 'getLiveness 200', 'getConnection 404']);
  });

  it('prefers a path without parameters', () => {
    const received = { ...NOT_FOUND, method: 'POST', path: '/api/v1/connections/test' };
    contract.check(received);
    expect(seen.at(-1)).toBe('testUnsavedConnection 404');
  });

  it('ignores the console, the API documentation and their files', () => {
    for (const path of ['/', '/assets/index.js', '/api/docs', '/api/openapi.json']) {
      contract.check({ ...LIVE, path, contentType: 'text/html', text: '<html>' });
    }
  });

  it('accepts problem details for paths and methods that no operation has', () => {
    contract.check({ ...NOT_FOUND, path: '/api/v1/nothing' });
    contract.check({ ...withText(NOT_FOUND, { status: 405 }), method: 'PUT', status: 405 });
  });

  it.each<[string, ReceivedResponse, RegExp]>([
    ['an undocumented field', withText(LIVE, { uptime: 5 }), /getLiveness 200.*\/ .*"uptime"/s],
    ['an undocumented field of a problem', withText(NOT_FOUND, { stack: 'x' }), /getConnection 404.*"stack"/s],
    ['a missing field', { ...LIVE, text: '{}' }, /required.*"status"/s],
    ['a value outside an enum', withText(LIVE, { status: 'fine' }), /\/status must be equal to one of/],
    ['a value of another type', withText(NOT_FOUND, { detail: 5 }), /\/detail must be string/],
    ['another status in the body', withText(NOT_FOUND, { status: 400 }), /\/status is another one/],
    [
      'a field error code that docs/errors.md does not have',
      withText(NOT_FOUND, { errors: [{ pointer: '/x', code: 'odd', message: 'Odd.' }] }),
      /no field error code odd/,
    ],
    ['an undeclared status', { ...LIVE, status: 418 }, /getLiveness 418: the status is not declared/],
    ['another content type', { ...LIVE, contentType: 'text/plain' }, /content type "text\/plain" is not declared/],
    ['no content type', { ...LIVE, contentType: null }, /content type "" is not declared/],
    ['an error as application/json', { ...NOT_FOUND, contentType: 'application/json' }, /"application\/json" is not/],
    [
      'a body of a response without content',
      { ...LIVE, path: '/api/v1/session', method: 'DELETE', status: 204 },
      /no content/,
    ],
    ['a success without an operation', { ...LIVE, path: '/api/v1/secret' }, /no such operation/],
    ['an undeclared format', { ...NOT_FOUND, path: '/api/v1/nothing', contentType: 'text/html' }, /"text\/html"/],
  ])('rejects %s', (_name, received, message) => {
    const count = seen.length;
    expect(() => contract.check(received)).toThrow(ContractViolation);
    expect(() => contract.check(received)).toThrow(message);
    expect(seen).toHaveLength(count);
  });
});
