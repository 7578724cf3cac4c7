import { describe, expect, it } from '@jest/globals';
import { adapterIdentity, describeFields, HttpClient, validateInput, VendorEndpoints } from '@score-crm/adapter-kit';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { adapterFor, settings, TOKEN } from './support.ts';

const KEY = '5a0f3c2b1d4e6f708192a3b4c5d6e7f809123456';
const VALID = { apiKey: KEY, channel: 'acme_transactional' };

function faults(input: object): string[] {
  const result = validateInput(SmtpcomSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the settings', () => {
  it.each<[object, string[]]>([
    [{}, ['/apiKey required', '/channel required']],
    [{ ...VALID }, []],
    [{ ...VALID, apiKey: '' }, ['/apiKey required']],
    [{ ...VALID, apiKey: `Bearer ${KEY}` }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: `bearer:${KEY}` }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: `X-SMTPCOM-API: ${KEY}` }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: ` ${KEY}` }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ ...VALID, apiKey: `${KEY}\r\nX: y` }, ['/apiKey control_character']],
    [{ ...VALID, apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    [{ ...VALID, channel: '' }, ['/channel required']],
    [{ ...VALID, channel: 'Acme news / Ünï.1' }, []],
    [{ ...VALID, channel: 'a' }, []],
    [{ ...VALID, channel: '.a' }, []],
    [{ ...VALID, channel: 'acme ' }, ['/channel invalid']],
    [{ ...VALID, channel: ' acme' }, ['/channel invalid']],
    [{ ...VALID, channel: '.' }, ['/channel invalid']],
    [{ ...VALID, channel: '..' }, ['/channel invalid']],
    [{ ...VALID, channel: 'x'.repeat(201) }, ['/channel too_long']],
    [{ ...VALID, webhookToken: TOKEN }, []],
    [{ ...VALID, webhookToken: 'x'.repeat(31) }, ['/webhookToken too_short']],
    [{ ...VALID, webhookToken: `${TOKEN}&event=x` }, ['/webhookToken invalid']],
    [{ ...VALID, webhookToken: `${TOKEN}%41` }, ['/webhookToken invalid']],
    [{ ...VALID, webhookSigningKey: 'sixteen letters!' }, []],
    [{ ...VALID, webhookSigningKey: 'short' }, ['/webhookSigningKey too_short']],
    [{ ...VALID, baseUrl: 'https://example.com' }, ['/baseUrl unknown_field']],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  it('describe what is wrong with a pasted header', () => {
    const result = validateInput(SmtpcomSettings, { ...VALID, apiKey: `Bearer ${KEY}` });
    expect(result.ok ? '' : result.errors[0]?.message).toMatch(/^API key must be only the key, without “Bearer”/);
  });

  it('bind the key to the channel, and webhook secrets to nothing', () => {
    const named = (wanted: 'secret' | 'bindsSecret' | 'inboundOnly' | 'generated' | 'advanced' | 'required') =>
      describeFields(SmtpcomSettings)
        .filter((field) => field[wanted] === true)
        .map(({ name }) => name);
    expect(named('secret')).toEqual(['apiKey', 'webhookToken', 'webhookSigningKey']);
    expect(named('bindsSecret')).toEqual(['channel']);
    expect(named('inboundOnly')).toEqual(['webhookToken', 'webhookSigningKey']);
    expect(named('generated')).toEqual(['webhookToken']);
    expect(named('advanced')).toEqual(['webhookSigningKey']);
    expect(named('required')).toEqual(['apiKey', 'channel']);
  });
});

describe('the adapter', () => {
  const { capabilities, webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
  const url = 'https://crm.example/webhooks/v2/smtpcom/0198c6f2-7a1b-7c33-9d6e-000000000001';

  it('declares its identity and capabilities', () => {
    expect(adapterIdentity(SmtpcomAdapter)).toMatchObject({ vendor: 'smtpcom', displayName: 'SMTP.com' });
    expect(capabilities).toMatchObject({
      webhooks: 'shared-secret',
      maxRecipients: 1000,
      maxMessageBytes: 10_000_000,
      attachments: true,
      inlineImages: true,
      customHeaders: true,
      metadata: true,
      tags: false,
      scheduling: false,
    });
  });

  it('can be injected', () => {
    expect(Reflect.getMetadata('design:paramtypes', SmtpcomAdapter)).toEqual([HttpClient, VendorEndpoints]);
  });

  it('accepts requests of a thousand events and more', () => {
    expect(webhooks.bodyLimit).toBeGreaterThanOrEqual(4 * 1024 * 1024);
    expect(webhooks.bodyLimit).toBeLessThanOrEqual(10 * 1024 * 1024);
  });

  it('keeps only the event of the query, and not the token', () => {
    expect(webhooks.parameters).toEqual(['event']);
  });

  it('has a URL with the token', () => {
    expect(webhooks.address(url, settings())).toBe(`${url}?token=${TOKEN}`);
    expect(webhooks.address(url, settings({ webhookToken: '••••' }))).toBe(`${url}?token=••••`);
    expect(webhooks.address(url, settings({ webhookToken: '' }))).toBe(url);
  });

  it('describes the setup steps with a URL for each event', () => {
    const steps = webhooks.setupInstructions(url, settings());
    const events = ['delivered', 'failed', 'hard_bounced', 'bounceback', 'queued', 'complained'].concat([
      'opened',
      'clicked',
      'unsubscribed',
    ]);
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual([
      ...events.map((event) => `${url}?token=${TOKEN}&event=${event}`),
      `${url}?token=${TOKEN}`,
    ]);
    expect(steps.every(({ title, text }) => title !== '' && text.endsWith('.'))).toBe(true);
    expect(JSON.stringify(steps)).toContain('acme_transactional');
    expect(JSON.stringify(steps)).not.toContain(settings().apiKey);
  });

  it('shows URLs that its own receiver accepts', () => {
    for (const { value } of webhooks.setupInstructions(url, settings())) {
      if (value === undefined) continue;
      const query = Object.fromEntries(new URL(value).searchParams);
      const request = { headers: {}, query, body: Buffer.from('[{"rcpt_to":"a@b.example","time":1755444161}]') };
      expect(webhooks.authenticate(request, settings())).toBe('verified');
      expect(webhooks.parse(request)).toMatchObject([{ ok: query['event'] !== undefined }]);
    }
  });
});
