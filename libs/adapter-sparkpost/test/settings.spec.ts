import { describe, expect, it } from '@jest/globals';
import {
  adapterIdentity,
  describeFields,
  HttpClient,
  inputSchema,
  validateInput,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import { SparkpostAdapter, SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { adapterFor, settings, WEBHOOK_PASSWORD } from './support.ts';

const VALID = { apiKey: '14ac5499cfdd2bb2859e4476d2e5b1d2bad079bf' };
const ENTERPRISE = { ...VALID, region: 'enterprise', baseUrl: 'https://acme.api.e.sparkpost.com' };

function faults(input: object): string[] {
  const result = validateInput(SparkpostSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the settings', () => {
  it('have defaults', () => {
    const result = validateInput(SparkpostSettings, VALID);
    const value = { ...VALID, region: 'us', transactional: false, webhookUsername: 'score-crm' };
    expect(result).toEqual({ ok: true, value: expect.objectContaining(value) });
    expect(result.ok ? Object.keys(result.value) : []).not.toContain('baseUrl');
  });

  it.each<[object, string[]]>([
    [{}, ['/apiKey required']],
    [{ apiKey: '' }, ['/apiKey required']],
    [{ apiKey: 'any text is accepted' }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ apiKey: 'a\r\nX: y' }, ['/apiKey control_character']],
    [{ apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    [{ apiKey: 5 }, ['/apiKey wrong_type']],
    [{ ...VALID, region: 'eu' }, []],
    [{ ...VALID, region: 'mars' }, ['/region not_an_option']],
    [{ ...VALID, region: 'enterprise' }, ['/baseUrl required']],
    [{ ...VALID, baseUrl: 'https://acme.example' }, ['/baseUrl not_applicable']],
    [ENTERPRISE, []],
    [{ ...ENTERPRISE, baseUrl: 'https://acme.example:8443/api/v1' }, []],
    [{ ...ENTERPRISE, baseUrl: 'https://acme.example/api/v1/' }, []],
    [{ ...ENTERPRISE, baseUrl: 'http://acme.example' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'acme.example' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'https://acme.example/other' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'https://acme.example/?a=b' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'https://acme.example/#a' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'https://user:pass@acme.example' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'https://:pass@acme.example' }, ['/baseUrl invalid']],
    [{ ...ENTERPRISE, baseUrl: 'ftp://acme.example' }, ['/baseUrl invalid']],
    [{ ...VALID, transactional: true }, []],
    [{ ...VALID, transactional: 'yes' }, ['/transactional wrong_type']],
    [{ ...VALID, webhookUsername: '' }, ['/webhookUsername required']],
    [{ ...VALID, webhookUsername: 'a:b' }, ['/webhookUsername invalid']],
    [{ ...VALID, webhookUsername: 'a b' }, ['/webhookUsername invalid']],
    [{ ...VALID, webhookUsername: 'x'.repeat(65) }, ['/webhookUsername too_long']],
    [{ ...VALID, webhookPassword: 'abc:def+/=~' }, []],
    [{ ...VALID, webhookPassword: 'seven77' }, ['/webhookPassword too_short']],
    [{ ...VALID, webhookPassword: 'pass wörd with more' }, ['/webhookPassword invalid']],
    [{ ...VALID, webhookToken: '5ebe2294ecd0e0f08eab7690d2a6ee69' }, []],
    [{ ...VALID, webhookToken: 'short' }, ['/webhookToken too_short']],
    [{ ...VALID, webhookSigningKey: 'x' }, ['/webhookSigningKey unknown_field']],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  it('describe a base URL in words', () => {
    const result = validateInput(SparkpostSettings, { ...ENTERPRISE, baseUrl: 'acme' });
    expect(result.ok ? '' : result.errors[0]?.message).toMatch(/^Base URL must be the HTTPS address/);
  });

  it('bind the key to its destination, and webhook secrets to nothing', () => {
    const named = (wanted: 'secret' | 'bindsSecret' | 'inboundOnly' | 'generated' | 'required' | 'advanced') =>
      describeFields(SparkpostSettings)
        .filter((field) => field[wanted] === true)
        .map(({ name }) => name);
    expect(named('secret')).toEqual(['apiKey', 'webhookPassword', 'webhookToken']);
    expect(named('inboundOnly')).toEqual(['webhookPassword', 'webhookToken']);
    expect(named('generated')).toEqual(['webhookPassword']);
    expect(named('bindsSecret')).toEqual(['region', 'baseUrl']);
    expect(named('advanced')).toEqual(['transactional', 'webhookToken']);
    expect(named('required')).toEqual(['apiKey', 'baseUrl']);
    expect(inputSchema(SparkpostSettings).required).toEqual(['apiKey']);
  });
});

describe('the adapter', () => {
  const { capabilities, webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

  it('declares its identity and capabilities', () => {
    expect(adapterIdentity(SparkpostAdapter)).toEqual({
      vendor: 'sparkpost',
      displayName: 'SparkPost',
      docsUrl: 'https://developers.sparkpost.com/api',
      senderUrl: 'https://app.sparkpost.com/domains/list/sending',
    });
    expect(capabilities).toEqual({
      webhooks: 'shared-secret',
      events: [
        'queued',
        'delivered',
        'deferred',
        'bounced',
        'rejected',
        'failed',
        'complained',
        'opened',
        'clicked',
        'unsubscribed',
        'subscribed',
      ],
      maxRecipients: 1000,
      maxMessageBytes: 20_000_000,
      attachments: true,
      inlineImages: true,
      customHeaders: true,
      tags: true,
      metadata: true,
      scheduling: true,
    });
    expect(webhooks.authentication).toBe('shared-secret');
  });

  it('can be injected', () => {
    expect(Reflect.getMetadata('design:paramtypes', SparkpostAdapter)).toEqual([HttpClient, VendorEndpoints]);
  });

  it('accepts batches of any size that the service reads', () => {
    expect(webhooks.bodyLimit).toBe(10 * 1024 * 1024);
  });

  it('describes the setup steps with the values to paste', () => {
    const url = 'https://crm.example/webhooks/v2/sparkpost/0198c6f2-7a1b-7c33-9d6e-000000000001';
    const steps = webhooks.setupInstructions(url, settings({ region: 'eu' }));
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual([url, 'score-crm', WEBHOOK_PASSWORD]);
    expect(steps.every(({ title, text }) => title !== '' && text.endsWith('.'))).toBe(true);
    expect(steps[0]?.text).toContain('app.eu.sparkpost.com');
    expect(JSON.stringify(steps)).not.toContain(settings().apiKey);
  });

  it('describes the setup of a connection without a password', () => {
    const bare = settings();
    delete bare.webhookPassword;
    const steps = webhooks.setupInstructions('https://crm.example/', bare);
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual(['https://crm.example/', 'score-crm']);
    expect(JSON.stringify(steps)).not.toContain('undefined');
  });
});
