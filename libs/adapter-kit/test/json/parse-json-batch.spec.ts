import {
  contentDigest,
  MalformedWebhookError,
  parseJsonBatch,
  type ParsedEvent,
  presentParts,
  parseJson,
  WEBHOOK_JSON_LIMITS,
  type JsonItem,
} from '../../src/index.ts';

const { maxDepth, maxTokens } = WEBHOOK_JSON_LIMITS;

function parse(text: string): readonly ParsedEvent[] {
  return parseJsonBatch(Buffer.from(text), (raw) => ({
    ok: true,
    event: { kind: 'unknown', raw },
    deduplicationKey: ['a'],
  }));
}

/** This many levels. */
function nested(levels: number): string {
  return '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);
}

describe('parseJsonBatch', () => {
  it('accepts as many levels as the limit, including the list, and rejects only an item with one more', () => {
    expect(parse(`[${nested(maxDepth - 1)},${nested(maxDepth)},7]`).map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(parse(nested(maxDepth))).toHaveLength(1);
    expect(() => parse(nested(maxDepth + 1))).toThrow(MalformedWebhookError);
  });

  it.each([100, 20_000, 200_000])('survives %i levels in one item of three', (levels) => {
    for (const deep of ['['.repeat(levels) + ']'.repeat(levels), nested(levels)]) {
      const items = parse(`[{"a":1,"b":["x,y]]"]}, {"deep":${deep},"text":"[]{},\\"\\\\"} ,{"c":2}]`);
      expect(items.map(({ ok }) => ok)).toEqual([true, false, true]);
      expect(items[2]).toMatchObject({ event: { raw: { c: 2 } } });
    }
  });

  it.each([
    '['.repeat(200_000),
    `[${'{"a":'.repeat(200_000)}`,
    '['.repeat(200) + '}'.repeat(200),
    `${'['.repeat(200)}"`,
  ])('rejects values that are deep and never closed', (text) => {
    expect(() => parse(text)).toThrow(MalformedWebhookError);
  });

  it('rejects more values than the limit, at any depth', () => {
    const many = `[${'0,'.repeat(maxTokens)}0]`;
    expect(() => parse(many)).toThrow(MalformedWebhookError);
    expect(() => parse(`[${'['.repeat(200)}${']'.repeat(200)},${many}]`)).toThrow(MalformedWebhookError);
  });
});

describe('contentDigest and presentParts', () => {
  const digestOf = (text: string): string => contentDigest(parseJson(text));

  it('distinguish numbers that are equal as doubles, in any order of the members', () => {
    expect(digestOf('{"id":12345678901234567890,"a":1}')).not.toBe(digestOf('{"id":12345678901234567891,"a":1}'));
    expect(digestOf('{"a":1,"id":12345678901234567890}')).toBe(digestOf('{"id":12345678901234567890,"a":1}'));
  });

  it('keep the digest of contents without such numbers', () => {
    expect(digestOf('{"b":[1,{"d":"x","c":null}],"a":true}')).toBe('HDHNcYs5TJgzPPYjBeoLAEqDuRG2E1nVgBzExZvkSsg');
  });

  it('list the parts that are present, and nothing without any', () => {
    const item = parseJson(
      '{"group":12345678901234567890,"offset":{"b":1,"a":2},"empty":"","none":null,"no":false}',
    ) as JsonItem;
    expect(presentParts(item, ['group', 'empty', 'none', 'missing', 'no', 'toString'])).toEqual([
      'group',
      '12345678901234567890',
      'no',
      'false',
    ]);
    expect(presentParts(item, ['offset'])).toEqual(['offset', contentDigest({ a: 2, b: 1 })]);
  });
});
