import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, vendorBody, WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

interface Vector {
  readonly name: string;
  readonly publicKey: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly bodyFile?: string;
  readonly bodyBase64?: string;
  readonly valid: boolean;
}

const FOLDER = new URL('fixtures/signatures/', import.meta.url);
const SIGNATURE = 'x-twilio-email-event-webhook-signature';
const TIMESTAMP = 'x-twilio-email-event-webhook-timestamp';
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
const vectors = JSON.parse(readFileSync(new URL('vectors.json', FOLDER), 'utf8')) as Vector[];

function bodyOf({ bodyFile, bodyBase64 = '' }: Vector): Buffer {
  return bodyFile === undefined ? Buffer.from(bodyBase64, 'base64') : readFileSync(new URL(bodyFile, FOLDER));
}

function verdict(
  { publicKey, signature, timestamp }: Pick<Vector, 'publicKey' | 'signature' | 'timestamp'>,
  body: Uint8Array,
  headers: Record<string, string | readonly string[] | undefined> = {},
): string {
  const request = webhookRequest(body, { headers: { [SIGNATURE]: signature, [TIMESTAMP]: timestamp, ...headers } });
  return webhooks.authenticate(request, settings({ webhookSigningKey: publicKey }));
}

describe('the published signatures', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    expect(verdict(vector, bodyOf(vector))).toBe(vector.valid ? 'verified' : 'invalid');
  });
});

const [single, double] = vectors as [Vector, Vector];

describe.each([single, double])('a signed post, $name', (vector) => {
  const body = bodyOf(vector);

  it('is rejected with any byte of the body changed', () => {
    expect(verdict(vector, body)).toBe('verified');
    for (let index = 0; index < body.length; index += 1) {
      const altered = Buffer.from(body);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect([index, verdict(vector, altered)]).toEqual([index, 'invalid']);
    }
  });

  it.each<[string, (body: string) => string]>([
    ['without the CRLF at its end', (text) => text.trimEnd()],
    ['with LF for CRLF', (text) => text.replaceAll('\r\n', '\n')],
    ['with an additional line break', (text) => `${text}\n`],
    ['serialized again', (text) => JSON.stringify(JSON.parse(text))],
    ['empty', () => ''],
  ])('is rejected %s', (_what, alter) => {
    expect(verdict(vector, Buffer.from(alter(body.toString())))).toBe('invalid');
  });

  it('is rejected with any character of the timestamp changed, removed or added', () => {
    const { timestamp } = vector;
    for (const [index, digit] of timestamp.split('').entries()) {
      const [before, after] = [timestamp.slice(0, index), timestamp.slice(index + 1)];
      for (const changed of [String((Number(digit) + 1) % 10), '', `${digit} `, ` ${digit}`, `0${digit}`]) {
        expect(verdict({ ...vector, timestamp: before + changed + after }, body)).toBe('invalid');
      }
    }
  });

  it('is rejected with any bit of the signature changed', () => {
    const der = Buffer.from(vector.signature, 'base64');
    for (let index = 0; index < der.length; index += 1) {
      const altered = Buffer.from(der);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(verdict({ ...vector, signature: altered.toString('base64') }, body)).not.toBe('verified');
    }
  });

  it('is rejected with the key of another webhook', () => {
    expect(verdict({ ...vector, publicKey: new WebhookSigner().publicKey }, body)).toBe('invalid');
  });
});

describe('an invalid signature', () => {
  const body = bodyOf(single);

  it.each([
    ['no signature', { [SIGNATURE]: undefined }, 'missing'],
    ['no timestamp', { [TIMESTAMP]: undefined }, 'missing'],
    ['an empty signature', { [SIGNATURE]: '' }, 'missing'],
    ['an empty timestamp', { [TIMESTAMP]: '' }, 'missing'],
    ['no single-value headers', { [SIGNATURE]: [] }, 'missing'],
    ['the signature twice', { [SIGNATURE]: [single.signature, single.signature] }, 'invalid'],
    ['the timestamp twice', { [TIMESTAMP]: [single.timestamp, single.timestamp] }, 'invalid'],
    ['the signature twice in one value', { [SIGNATURE]: `${single.signature}, ${single.signature}` }, 'malformed'],
    ['no base64', { [SIGNATURE]: 'ä!' }, 'malformed'],
    ['base64 of another alphabet', { [SIGNATURE]: single.signature.replaceAll('+', '-') }, 'malformed'],
    ['base64 with a space', { [SIGNATURE]: `${single.signature} ` }, 'malformed'],
    ['base64 without end', { [SIGNATURE]: 'MEUC'.repeat(5_000_000) }, 'malformed'],
    ['no DER', { [SIGNATURE]: Buffer.alloc(64, 7).toString('base64') }, 'malformed'],
    [
      'DER with trailing bytes',
      { [SIGNATURE]: Buffer.concat([Buffer.from(single.signature, 'base64'), Buffer.of(0)]).toString('base64') },
      'malformed',
    ],
    ['an empty sequence', { [SIGNATURE]: Buffer.of(0x30, 0).toString('base64').padEnd(4, '=') }, 'invalid'],
  ])('%s', (_what, headers, expected) => {
    expect(verdict(single, body, headers)).toBe(expected);
  });

  it.each([undefined, ''])('without a key (%p) is not configured', (webhookSigningKey) => {
    const request = webhookRequest(body, { headers: { [SIGNATURE]: single.signature, [TIMESTAMP]: single.timestamp } });
    const without = Object.assign(settings(), { webhookSigningKey });
    expect(webhooks.authenticate(request, without)).toBe('not_configured');
    expect(webhooks.authenticate(webhookRequest(''), without)).toBe('not_configured');
  });

  it.each([
    'nonsense',
    SANDBOX_KEYS.working,
    single.publicKey.slice(4),
    generateKeyPairSync('rsa', { modulusLength: 1024 })
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64'),
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64'),
  ])('with the key %.20s nothing verifies', (publicKey) => {
    expect(verdict({ ...single, publicKey }, body)).toBe('invalid');
  });

  it('of another curve is not verified, although it is valid', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    const signature = createSign('sha256').update('1').update(body).sign(privateKey, 'base64');
    const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    expect(verdict({ publicKey: der, signature, timestamp: '1' }, body)).not.toBe('verified');
  });
});

describe('a valid signature', () => {
  it('can be a day old, since requests are repeated that long', () => {
    const signer = new WebhookSigner();
    const body = vendorBody([{ event: 'open' }]);
    const old = String(Math.floor(Date.now() / 1000) - 86_400);
    expect(
      webhooks.authenticate(
        webhookRequest(body, { headers: signer.headersFor(body, old) }),
        settings({ webhookSigningKey: signer.publicKey }),
      ),
    ).toBe('verified');
  });

  it('covers any bytes', () => {
    const signer = new WebhookSigner();
    for (const body of [
      Buffer.alloc(0),
      Buffer.from('\ufeff[ ]\n'),
      Buffer.of(0xff, 0xfe, 0, 1),
      Buffer.alloc(1 << 20),
    ]) {
      const request = webhookRequest(body, { headers: signer.headersFor(body) });
      expect(webhooks.authenticate(request, settings({ webhookSigningKey: signer.publicKey }))).toBe('verified');
    }
  });

  it('accepts the key in PEM armor too', () => {
    for (const armoured of [
      `-----BEGIN PUBLIC KEY-----${single.publicKey}-----END PUBLIC KEY-----`,
      `-----BEGIN PUBLIC KEY----- ${single.publicKey.slice(0, 64)} ${single.publicKey.slice(64)} -----END PUBLIC KEY-----`,
    ]) {
      expect(verdict({ ...single, publicKey: armoured }, bodyOf(single))).toBe('verified');
    }
  });
});
