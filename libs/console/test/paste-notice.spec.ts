import { describe, expect, it } from '@jest/globals';
import { pasteNotice } from '../src/connections/form/validate.ts';

describe('the notice below a field', () => {
  it.each([
    [' relay@sender.example ', 'space'],
    ['relay@sender.example\n', 'space'],
    ['\u00a0secret', 'space'],
    ['se\u200bcret', 'invisible'],
    ['"SG.key"', 'quotation marks'],
    ['“SG.key”', 'quotation marks'],
    ['Bearer SG.key', '“Bearer”'],
  ])('reports what was pasted along with %j', (value, part) => {
    expect(pasteNotice(value, false)).toContain(part);
  });

  it('reports that the form itself removes spaces, where it does', () => {
    expect(pasteNotice(' relay@sender.example ', true)).toBe('Spaces around it are removed.');
  });

  it.each(['', 'relay@sender.example', 'correct horse battery staple', 'it"s', "'", 'bearer-key', 'Ümläut'])(
    'is absent for %j',
    (value) => {
      expect(pasteNotice(value, true)).toBeUndefined();
    },
  );
});
