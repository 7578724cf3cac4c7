import { headerValueProblem } from '../src/messages/headers.ts';

// Takes minutes if the search is not linear.
describe('a very long header', () => {
  const COUNT = 1 << 17;

  it.each([
    ['quotation marks that are never closed', 'ü', '\\"'],
    ['comments that are never closed', 'ü (', '\\('],
    ['addresses that are never closed', 'ü', '<a'],
    ['ends of comments', 'ü', ')('],
  ])('is rejected: %s', (_what, start, unit) => {
    expect(headerValueProblem('List-Id', 'phrase', start + unit.repeat(COUNT))).toEqual(expect.any(String));
  });

  it.each(['a', 'a ', '<a@b> ', '<a@', ' '])('is rejected as message ids: %j', (unit) => {
    expect(headerValueProblem('References', 'ids', `x${unit.repeat(COUNT)}x`)).toEqual(expect.any(String));
  });
});

describe('a non-ASCII phrase', () => {
  it.each([
    ['"ü@x" <a@x.example>', undefined],
    ['Größe (b@x) <a@x.example>', undefined],
    ['<a@x.example> (ü@x)', undefined],
    ['ü@x.example', expect.any(String)],
    ['a@ü.example', expect.any(String)],
    ['Größe <a@x.example>, ü@x.example', expect.any(String)],
    ['"ü"@x.example', expect.any(String)],
  ])('is not an address: %s', (value, problem) => {
    expect(headerValueProblem('Disposition-Notification-To', 'phrase', value)).toEqual(problem);
  });
});
