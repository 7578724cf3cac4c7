import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ParsedEvent } from '@score-crm/adapter-kit';
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

async function verdict(
  { publicKey, signature, timestamp }: Pick<Vector, 'publicKey' | 'signature' | 'timestamp'>,
  body: Uint8Array,
  headers: Record<string, string | readonly string[] | undefined> = {},
): Promise<string> {
  const request = webhookRequest(body, { headers: { [SIGNATURE]: signature, [TIMESTAMP]: timestamp, ...headers } });
  return webhooks.authenticate(request, settings({ webhookSigningKey: publicKey }));
}

describe('the published signatures', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    expect(await verdict(vector, bodyOf(vector))).toBe(vector.valid ? 'verified' : 'invalid');
  });
});

const [single] = vectors as [Vector];

describe('an invalid signature', () => {
  const body = bodyOf(single);
  const TRAILING = Buffer.concat([Buffer.from(single.signature, 'base64'), Buffer.of(0)]);

  it.each([
    ['base64 of another alphabet', { [SIGNATURE]: single.signature.replaceAll('+', '-') }, 'malformed'],
    ['base64 with a space', { [SIGNATURE]: `${single.signature} ` }, 'malformed'],
    ['base64 without end', { [SIGNATURE]: 'MEUC'.repeat(5_000_000) }, 'malformed'],
    ['no DER', { [SIGNATURE]: Buffer.alloc(64, 7).toString('base64') }, 'malformed'],
    ['DER with trailing bytes', { [SIGNATURE]: TRAILING.toString('base64') }, 'malformed'],
    ['an empty sequence', { [SIGNATURE]: Buffer.of(0x30, 0).toString('base64').padEnd(4, '=') }, 'invalid'],
  ])('%s', async (_what, headers, expected) => {
    expect(await verdict(single, body, headers)).toBe(expected);
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
  ])('with the key %.20s nothing verifies', async (publicKey) => {
    expect(await verdict({ ...single, publicKey }, body)).toBe('invalid');
  });

  it('needs both headers before the body is read', () => {
    for (const name of [SIGNATURE, TIMESTAMP]) {
      const head = { headers: { [SIGNATURE]: 'MEQ', [TIMESTAMP]: '1600112502', [name]: undefined }, query: {} };
      expect(webhooks.authenticateHead(head, settings({ webhookSigningKey: 'key' }))).toBe('missing');
    }
  });

  it('of another curve is not verified, although it is valid', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    const signature = createSign('sha256').update('1').update(body).sign(privateKey, 'base64');
    const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    expect(await verdict({ publicKey: der, signature, timestamp: '1' }, body)).not.toBe('verified');
  });
});

describe('a valid signature', () => {
  it('can be a day old, since requests are repeated that long, and covers any bytes', async () => {
    const signer = new WebhookSigner();
    const old = String(Math.floor(Date.now() / 1000) - 86_400);
    for (const body of [vendorBody([{ event: 'open' }]), Buffer.alloc(0), Buffer.of(0xff, 0xfe, 0, 1)]) {
      const request = webhookRequest(body, { headers: signer.headersFor(body, old) });
      expect(await webhooks.authenticate(request, settings({ webhookSigningKey: signer.publicKey }))).toBe('verified');
    }
  });

  it('accepts the key in PEM armor too', async () => {
    for (const armoured of [
      `-----BEGIN PUBLIC KEY-----${single.publicKey}-----END PUBLIC KEY-----`,
      `-----BEGIN PUBLIC KEY----- ${single.publicKey.slice(0, 64)} ${single.publicKey.slice(64)} -----END PUBLIC KEY-----`,
    ]) {
      expect(await verdict({ ...single, publicKey: armoured }, bodyOf(single))).toBe('verified');
    }
  });
});

describe('an event', () => {
  type Json = Record<string, unknown>;

  const body = readFileSync(new URL('fixtures/batch-vendor-formatted.raw', import.meta.url));
  const items = JSON.parse(body.toString()) as readonly Json[];
  function keyOf(event: Json): unknown {
    const [parsed] = webhooks.parse(webhookRequest(JSON.stringify([event])));
    return (parsed as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;
  }

  it('has the same key under another id, and in another order', () => {
    for (const event of items) {
      const { sg_event_id: _gone, ...rest } = event;
      const reversed = Object.fromEntries(Object.entries(event).toReversed());
      for (const same of [{ ...event, sg_event_id: 'another' }, rest, reversed]) {
        expect(keyOf(same)).toEqual(keyOf(event));
      }
    }
  });

  it.each(['email', 'event', 'timestamp', 'sg_message_id'])('has another key with another %s', (field) => {
    const [event = {}] = items;
    expect(keyOf({ ...event, [field]: field === 'timestamp' ? 1755444999 : 'other.x' })).not.toEqual(keyOf(event));
  });

  it('without anything specific has a key of everything else', () => {
    const account = { event: 'account_status_change', timestamp: 1755453161, type: 'compliance_suspend' };
    expect(keyOf({ ...account, type: 'compliance_reactivate' })).not.toEqual(keyOf(account));
    expect(keyOf({ sg_event_id: 'x', ...account })).toEqual(keyOf(account));
  });
});
