import { describe, expect, it } from '@jest/globals';
import { adapterIdentity, describeFields, HttpClient, validateInput, VendorEndpoints } from '@score-crm/adapter-kit';
import { MailgunAdapter, MailgunSettings } from '@score-crm/adapter-mailgun';
import { adapterFor, settings } from './support.ts';

const VALID = { apiKey: 'key-0123', domain: 'mg.example.com' };

function faults(input: object): string[] {
  const result = validateInput(MailgunSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the settings', () => {
  it('have defaults', () => {
    const result = validateInput(MailgunSettings, VALID);
    expect(result).toEqual({ ok: true, value: expect.objectContaining({ ...VALID, region: 'us' }) });
  });

  it.each<[object, string[]]>([
    [{}, ['/apiKey required', '/domain required']],
    [{ ...VALID, apiKey: '' }, ['/apiKey required']],
    [{ ...VALID, apiKey: 'any text is accepted' }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: 'a\r\nX: y' }, ['/apiKey control_character']],
    [{ ...VALID, apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    [{ ...VALID, apiKey: 5 }, ['/apiKey wrong_type']],
    [{ ...VALID, domain: 'sandbox0123456789abcdef.mailgun.org' }, []],
    [{ ...VALID, domain: 'https://mg.example.com' }, ['/domain invalid']],
    [{ ...VALID, domain: 'mg.example.com/../x' }, ['/domain invalid']],
    [{ ...VALID, domain: 'news@example.com' }, ['/domain invalid']],
    [{ ...VALID, domain: '..' }, ['/domain invalid']],
    [{ ...VALID, domain: '%2e%2e' }, ['/domain invalid']],
    [{ ...VALID, region: 'eu' }, []],
    [{ ...VALID, region: 'mars' }, ['/region not_an_option']],
    [{ ...VALID, webhookSigningKey: 'key-abc' }, []],
    [{ ...VALID, webhookSigningKey: 'two words' }, ['/webhookSigningKey invalid']],
    [{ ...VALID, baseUrl: 'https://example.com' }, ['/baseUrl unknown_field']],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  it('bind the key to domain and region, and the signing key to nothing', () => {
    const named = (wanted: 'secret' | 'bindsSecret' | 'inboundOnly' | 'required') =>
      describeFields(MailgunSettings)
        .filter((field) => field[wanted] === true)
        .map(({ name }) => name);
    expect(named('secret')).toEqual(['apiKey', 'webhookSigningKey']);
    expect(named('bindsSecret')).toEqual(['domain', 'region']);
    expect(named('inboundOnly')).toEqual(['webhookSigningKey']);
    expect(named('required')).toEqual(['apiKey', 'domain']);
  });
});

describe('the adapter', () => {
  const { capabilities, webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

  it('declares its identity and capabilities', () => {
    expect(adapterIdentity(MailgunAdapter)).toEqual({
      vendor: 'mailgun',
      displayName: 'Mailgun',
      docsUrl: 'https://documentation.mailgun.com',
      senderUrl: 'https://app.mailgun.com/mg/sending/domains',
    });
    expect(capabilities).toMatchObject({ webhooks: 'signed-token', maxRecipients: 1000, tags: true, scheduling: true });
    expect(capabilities.events).toEqual([
      'queued',
      'rejected',
      'delivered',
      'deferred',
      'bounced',
      'opened',
      'clicked',
      'unsubscribed',
      'complained',
    ]);
  });

  it('can be injected', () => {
    expect(Reflect.getMetadata('design:paramtypes', MailgunAdapter)).toEqual([HttpClient, VendorEndpoints]);
  });

  it('needs the body for the signature, unless there is no key', () => {
    const head = { headers: {}, query: {} };
    expect(webhooks.authenticateHead(head, settings({ webhookSigningKey: 'key' }))).toBe('needs_body');
    expect(webhooks.authenticateHead(head, settings({ webhookSigningKey: '' }))).toBe('not_configured');
  });

  it('describes the setup steps with the URL to paste', () => {
    const url = 'https://crm.example/webhooks/v2/mailgun/0198c6f2-7a1b-7c33-9d6e-000000000001';
    const steps = webhooks.setupInstructions(url, settings({ domain: 'mg.acme.example' }));
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual([url]);
    expect(steps.length).toBeGreaterThanOrEqual(6);
    expect(steps.every(({ title, text }) => title !== '' && text.endsWith('.'))).toBe(true);
    expect(JSON.stringify(steps)).toContain('mg.acme.example');
    expect(JSON.stringify(steps)).not.toContain(settings().apiKey);
  });
});
