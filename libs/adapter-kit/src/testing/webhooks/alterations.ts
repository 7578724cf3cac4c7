import { jsonOf } from './parsed.ts';

const MOST = 200;

/** Other values that are close to one. The last characters of base64 may mean nothing, so they are left alone. */
export function alterations(value: string): readonly string[] {
  const positions = spread(Math.max(1, value.length - 2));
  const changed = positions.map((at) => value.slice(0, at) + otherThan(value[at] ?? '') + value.slice(at + 1));
  return [
    ...changed,
    value.slice(1),
    value.slice(0, Math.floor(value.length / 2)),
    `x${value}`,
    value.split('').toReversed().join(''),
  ].filter((altered) => altered !== value && altered !== '');
}

export interface AlteredBody {
  readonly body: Uint8Array;
  readonly how: string;
}

/** Bodies that are close to one. */
export function alteredBodies(body: Uint8Array): readonly AlteredBody[] {
  const json = jsonOf(body);
  const rewritten =
    json === undefined ? [] : [Buffer.from(JSON.stringify(json.json)), Buffer.from(JSON.stringify(json.json, null, 1))];
  return [
    ...flippedBits(body).map((flipped, index) => ({
      body: flipped,
      how: `a bit, the ${String(index + 1)}th of those tried`,
    })),
    { body: body.subarray(1), how: 'the first byte cut off' },
    { body: body.subarray(0, -1), how: 'the last byte cut off' },
    { body: Buffer.concat([body, Buffer.from('\n')]), how: 'a line break behind it' },
    ...rewritten.map((other) => ({ body: other, how: 'written anew' })),
  ].filter((altered) => Buffer.compare(altered.body, body) !== 0);
}

/** Copies in each of which one bit is another. */
function flippedBits(body: Uint8Array): readonly Uint8Array[] {
  return spread(body.length).map((at) => {
    const copy = Uint8Array.from(body);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  });
}

/** Not the same letter in another case, which a scheme such as Basic may be written in. */
function otherThan(character: string): string {
  return character.toLowerCase() === 'a' ? 'B' : 'A';
}

/** Places all over something, the first and the last among them; all of them where there are few. */
function spread(length: number): readonly number[] {
  const count = Math.min(length, MOST);
  return Array.from({ length: count }, (_none, index) => Math.floor((index * length) / count)).concat(
    length > MOST ? [length - 1] : [],
  );
}
