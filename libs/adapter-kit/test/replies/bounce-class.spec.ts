import { type BounceClass, bounceClassOf } from '../../src/index.ts';

// The complete registry: subject, then the class of each detail from 0 on, for permanent failures.
const REGISTRY: Readonly<Record<string, string>> = {
  '1': 'unknown hard hard hard unknown unknown hard block block unknown hard',
  '2': 'soft hard soft soft soft',
  '3': 'soft soft soft policy soft soft unknown',
  '4': 'soft soft soft soft soft soft soft soft',
  '5': 'unknown unknown unknown soft unknown unknown unknown',
  '6': 'policy policy policy policy unknown policy policy policy policy policy policy',
  '7': [...Array<string>(17).fill('block'), 'hard', 'hard', ...Array<string>(12).fill('block')].join(' '),
};
const CODES = Object.entries(REGISTRY).flatMap(([subject, classes]) =>
  classes.split(' ').map((name, detail) => [`${subject}.${String(detail)}`, name as BounceClass] as const),
);

describe('bounceClassOf', () => {
  it.each(CODES)('classifies 5.%s as %s', (code, expected) => {
    expect(bounceClassOf({ enhancedCode: `5.${code}` })).toBe(expected);
  });

  it.each(CODES)('never classifies 4.%s as hard', (code, permanent) => {
    expect(bounceClassOf({ enhancedCode: `4.${code}` })).toBe(permanent === 'block' ? 'block' : 'soft');
  });

  it.each([
    ['an unregistered detail', { enhancedCode: '5.7.509' }, 'block'],
    ['an unregistered detail of the network', { enhancedCode: '5.4.310' }, 'soft'],
    ['an unregistered subject', { enhancedCode: '5.9.1' }, 'unknown'],
    ['no detail', { enhancedCode: '5.0.0' }, 'unknown'],
    ['no detail, with a more specific reply code', { code: 552, enhancedCode: '5.0.0' }, 'soft'],
    ['only a reply code', { code: 550 }, 'unknown'],
    ['only a temporary reply code', { code: 451 }, 'soft'],
    ['a full mailbox', { code: 552, enhancedCode: '5.2.2' }, 'soft'],
    ['a dead address by a temporary reply', { code: 450, enhancedCode: '5.1.1' }, 'soft'],
    ['a permanent reply with a temporary enhanced code', { code: 550, enhancedCode: '4.1.1' }, 'soft'],
    ['a refusal of the sender by a temporary reply', { code: 450, enhancedCode: '5.7.1' }, 'block'],
    ['a success with a permanent enhanced code', { code: 250, enhancedCode: '5.1.1' }, 'hard'],
    ['a domain without mail', { code: 556 }, 'hard'],
    ['a success', { code: 250, enhancedCode: '2.1.5' }, 'unknown'],
    ['nothing', {}, 'unknown'],
  ] as const)('classifies %s', (_what, codes, expected) => {
    expect(bounceClassOf(codes)).toBe(expected);
  });
});
