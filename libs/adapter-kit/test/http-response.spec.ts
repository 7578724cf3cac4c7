import { AdapterError, HttpResponse } from '@score-crm/adapter-kit';

const respond = (body: string, status = 200): HttpResponse =>
  new HttpResponse(status, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] }, Buffer.from(body));

describe('HttpResponse', () => {
  it.each([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
    [404, false],
  ])('is ok with the status %i: %s', (status, ok) => {
    expect(respond('', status).ok).toBe(ok);
  });

  it('finds headers in any case', () => {
    expect(respond('').header('Content-Type')).toBe('application/json');
    expect(respond('').header('set-cookie')).toBe('a=1');
    expect(respond('').header('x-none')).toBeUndefined();
  });

  it('reads text and JSON as UTF-8', () => {
    expect(respond('"grüße 😀"').text()).toBe('"grüße 😀"');
    expect(respond('{"a":["grüße 😀"]}').json()).toEqual({ a: ['grüße 😀'] });
  });

  it.each(['', '<html>', '{', '{"a":1}x', "{'a':1}"])('reports that %j is not JSON', (body) => {
    expect(() => respond(body, 502).json()).toThrow(AdapterError);
    try {
      respond(body, 502).json();
    } catch (error) {
      expect((error as AdapterError).details).toMatchObject({ code: 'invalid_response', fault: 'vendor', status: 502 });
    }
  });
});
