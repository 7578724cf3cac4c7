import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyRing } from '../src/index.ts';
import { newKey } from './support/test-module.ts';

const MASTER = randomBytes(32);
const BASE64 = MASTER.toString('base64');

function faultOf(text: string): TypeError {
  try {
    KeyRing.parse(text);
  } catch (error) {
    return error as TypeError;
  }
  throw new Error('It was accepted.');
}

const MALFORMED: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['blanks', '   '],
  ['a key without an id', BASE64],
  ['a key with an empty id', `:${BASE64}`],
  ['an id without a key', 'k1:'],
  ['id and key the wrong way round', `${MASTER.toString('hex').slice(0, 40)}:k1`],
  ['an id that is too long', `${'k'.repeat(41)}:${BASE64}`],
  ['an id with a character that is none of an id', `k 1:${BASE64}`],
  ['an id with a line break', `k1\n:${BASE64}`],
  ['31 bytes', `k1:${MASTER.subarray(1).toString('base64')}`],
  ['hexadecimal of 16 bytes', `k1:${MASTER.toString('hex').slice(0, 32)}`],
  ['a key that lost its last character', `k1:${randomBytes(64).toString('base64url').slice(0, -1)}`],
  ['a key with too much padding', `k1:${BASE64}=`],
  ['a key with a blank in it', `k1:${BASE64.slice(0, 9)} ${BASE64.slice(9)}`],
  ['a key with a character outside of base64', `k1:${BASE64.slice(0, -2)}!=`],
  ['a comma at the end', `k1:${BASE64},`],
  ['a comma at the beginning', `,k1:${BASE64}`],
  ['a broken second key', `${newKey('k2')},k1:${BASE64.slice(0, 20)}`],
  ['two keys with one id', `k1:${BASE64},${newKey('k1')}`],
  ['one key twice', `k1:${BASE64},k1:${BASE64}`],
];

describe('the key ring', () => {
  it.each(MALFORMED)('refuses %s without repeating any of it', (_what, text) => {
    const fault = faultOf(text);
    expect(fault).toBeInstanceOf(TypeError);
    const parts = [BASE64, MASTER.toString('hex'), MASTER.toString('base64url')];
    for (const part of parts.flatMap((whole) => whole.match(/.{8}/g) ?? [])) {
      expect(fault.message).not.toContain(part);
    }
    expect(fault.message).not.toMatch(/[A-Za-z0-9+/_-]{20,}/);
  });

  it('says which key is wrong by its position', () => {
    expect(faultOf(`${newKey('a')},b:AAAA`).message).toMatch(/^key 2 /);
    expect(faultOf(`${newKey('a')},${newKey('b')},${newKey('a')}`).message).toMatch(/^keys 1 and 3 /);
  });

  it('encrypts with the first key and finds all of them', () => {
    const ring = KeyRing.parse(` ${newKey('new')} , ${newKey('old')},${newKey('oldest')}`);
    expect(ring.newest.kid).toBe('new');
    expect(ring.keyIds.map((mark) => mark.split(':')[0])).toEqual(['new', 'old', 'oldest']);
    expect(ring.find('old')?.kid).toBe('old');
    for (const unknown of ['', 'x', 'constructor', '__proto__']) expect(ring.find(unknown)).toBeUndefined();
  });

  it('takes base64 with and without padding and of the URL alphabet as one key', () => {
    const master = Buffer.alloc(32, 0xfb);
    const marks = [master.toString('base64'), master.toString('base64').replace('=', ''), master.toString('base64url')];
    expect(new Set(marks.map((key) => KeyRing.parse(`k:${key}`).newest.keyId)).size).toBe(1);
  });

  it('marks two keys of one id differently, and one key always alike', () => {
    const text = newKey('k');
    expect(KeyRing.parse(text).keyIds).toEqual(KeyRing.parse(text).keyIds);
    expect(KeyRing.parse(text).keyIds).not.toEqual(KeyRing.parse(newKey('k')).keyIds);
    const renamed = text.replace('k:', 'other:');
    expect(KeyRing.parse(renamed).newest.contentKey).not.toEqual(KeyRing.parse(text).newest.contentKey);
  });

  it('shows nothing of the key in its mark', () => {
    const { newest } = KeyRing.parse(`k:${BASE64}`);
    expect(newest.keyId).toMatch(/^k:[0-9a-f]{16}$/);
    const [, fingerprint = ''] = newest.keyId.split(':');
    expect(MASTER.toString('hex')).not.toContain(fingerprint);
    expect(Buffer.from(newest.contentKey).toString('hex')).not.toContain(fingerprint);
    expect(newest.contentKey).toHaveLength(64);
  });
});
