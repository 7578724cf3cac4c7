import { describe, expect, it } from '@jest/globals';
import {
  adapterIdentity,
  describeFields,
  HttpClient,
  validateInput,
  VendorEndpoints,
  type WebhookHead,
} from '@score-crm/adapter-kit';
import { SendgridAdapter, SendgridSettings } from '@score-crm/adapter-sendgrid';
import { WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const VALID = { apiKey: 'SG.key' };
const { publicKey } = new WebhookSigner();

function faults(input: object): string[] {
  const result = validateInput(SendgridSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the settings', () => {
  it('have defaults', () => {
    const result = validateInput(SendgridSettings, VALID);
    expect(result).toEqual({ ok: true, value: expect.objectContaining({ ...VALID, region: 'global' }) });
  });

  it.each<[object, string[]]>([
    [{}, ['/apiKey required']],
    [{ apiKey: '' }, ['/apiKey required']],
    [{ apiKey: 'any text is accepted' }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ apiKey: 'no-prefix' }, []],
    [{ apiKey: 'SG.a\r\nX: y' }, ['/apiKey control_character']],
    [{ apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    [{ apiKey: 5 }, ['/apiKey wrong_type']],
    [{ ...VALID, region: 'eu' }, []],
    [{ ...VALID, region: 'mars' }, ['/region not_an_option']],
    [{ ...VALID, webhookSigningKey: publicKey }, []],
    [{ ...VALID, webhookSigningKey: `-----BEGIN PUBLIC KEY-----${publicKey}-----END PUBLIC KEY-----` }, []],
    [{ ...VALID, webhookSigningKey: `${publicKey}\n` }, ['/webhookSigningKey control_character']],
    [{ ...VALID, webhookSigningKey: publicKey.slice(0, -4) }, ['/webhookSigningKey invalid']],
    [{ ...VALID, webhookSigningKey: 'SG.not.this' }, ['/webhookSigningKey invalid']],
    [{ ...VALID, baseUrl: 'https://example.com' }, ['/baseUrl unknown_field']],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  it('describe a verification key in words', () => {
    const result = validateInput(SendgridSettings, { ...VALID, webhookSigningKey: 'abc' });
    expect(result.ok ? '' : result.errors[0]?.message).toMatch(/^Webhook signing key is not .* SendGrid/);
  });

  it('bind the key to the region, and the verification key to nothing', () => {
    const named = (wanted: 'secret' | 'bindsSecret' | 'inboundOnly' | 'required') =>
      describeFields(SendgridSettings)
        .filter((field) => field[wanted] === true)
        .map(({ name }) => name);
    expect(named('secret')).toEqual(['apiKey', 'webhookSigningKey']);
    expect(named('bindsSecret')).toEqual(['region']);
    expect(named('inboundOnly')).toEqual(['webhookSigningKey']);
    expect(named('required')).toEqual(['apiKey']);
  });
});

describe('the adapter', () => {
  const { capabilities, webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

  it('declares its identity and capabilities', () => {
    expect(adapterIdentity(SendgridAdapter)).toEqual({
      vendor: 'sendgrid',
      displayName: 'SendGrid',
      docsUrl: 'https://www.twilio.com/docs/sendgrid',
      senderUrl: 'https://app.sendgrid.com/settings/sender_auth',
    });
    expect(capabilities).toMatchObject({ webhooks: 'signature', maxRecipients: 1000, tags: true, metadata: true });
  });

  it('can be injected', () => {
    expect(Reflect.getMetadata('design:paramtypes', SendgridAdapter)).toEqual([HttpClient, VendorEndpoints]);
  });

  it('accepts requests that are larger than the vendor’s', () => {
    expect(webhooks.bodyLimit).toBeGreaterThanOrEqual(2 * 1024 * 1024);
    expect(webhooks.bodyLimit).toBeLessThanOrEqual(10 * 1024 * 1024);
  });

  it('reads a body only if both signature headers are present', () => {
    const signature = { 'x-twilio-email-event-webhook-signature': 'MEQ' };
    const timestamp = { 'x-twilio-email-event-webhook-timestamp': '1600112502' };
    const withKey = settings({ webhookSigningKey: 'key' });
    const verdict = (headers: WebhookHead['headers']) => webhooks.authenticateHead({ headers, query: {} }, withKey);
    expect(verdict({ ...signature, ...timestamp })).toBe('needs_body');
    expect([signature, timestamp, {}].map(verdict)).toEqual(['missing', 'missing', 'missing']);
    expect(verdict({ ...signature, 'x-twilio-email-event-webhook-timestamp': '' })).toBe('missing');
  });

  it('describes the setup steps with the URL to paste', () => {
    const url = 'https://crm.example/webhooks/v2/sendgrid/0198c6f2-7a1b-7c33-9d6e-000000000001';
    const steps = webhooks.setupInstructions(url);
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual([url]);
    expect(steps.length).toBeGreaterThanOrEqual(6);
    expect(steps.every(({ title, text }) => title !== '' && text.endsWith('.'))).toBe(true);
    expect(JSON.stringify(steps)).not.toContain(settings().apiKey);
  });
});
