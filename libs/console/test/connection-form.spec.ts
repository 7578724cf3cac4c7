import { describe, expect, it } from '@jest/globals';
import { changesOf, newConnection, unsavedTest } from '../src/connections/form/bodies.ts';
import {
  type FieldValue,
  type FormValues,
  initialValues,
  type SecretEdit,
  shownFields,
} from '../src/connections/form/form-values.ts';
import { endOfWarmUp, limitsInWords } from '../src/connections/form/limits.ts';
import { placeFaults } from '../src/connections/form/places.ts';
import { renewalOf, validate } from '../src/connections/form/validate.ts';
import { connection, vendor } from './model.ts';

type Change = Partial<Pick<FormValues, 'name' | 'fromEmail' | 'fromName' | 'limits'>> & {
  readonly settings?: Readonly<Record<string, FieldValue>>;
  readonly secrets?: Readonly<Record<string, SecretEdit>>;
};

function edited(change: Change, stored = true): FormValues {
  const start = initialValues(vendor, stored ? connection : undefined);
  const { settings, secrets, ...details } = change;
  return {
    ...start,
    ...details,
    settings: { ...start.settings, ...settings },
    secrets: { ...start.secrets, ...secrets },
  };
}

const typed = (value: string): SecretEdit => ({ mode: 'replace', value });
const REMOVED: SecretEdit = { mode: 'remove', value: '' };

describe('A new connection', () => {
  it('is sent with what was given, without blanks around it', () => {
    const values = edited(
      {
        name: ' Relay ',
        fromEmail: '',
        settings: { host: ' mail.example.com ' },
        secrets: { password: typed('pass ') },
      },
      false,
    );
    expect(newConnection(vendor, values)).toEqual({
      vendor: 'model',
      name: 'Relay',
      settings: { host: 'mail.example.com', port: 587, login: 'password', password: 'pass ', strict: false },
    });
  });

  it('leaves out what is not shown', () => {
    const values = edited({ settings: { login: 'none', hint: 'x' }, secrets: { password: typed('pass') } }, false);
    expect(newConnection(vendor, values).settings).toEqual({ port: 587, login: 'none', strict: false });
  });

  it('names every field that is needed and missing; a test needs no name', () => {
    const values = edited({}, false);
    expect(validate(vendor, values, undefined, 'save')).toEqual({
      name: 'Enter a name.',
      'settings.host': 'Enter the host.',
      'secrets.password': 'Enter the password.',
    });
    expect(Object.keys(validate(vendor, values, undefined, 'test'))).toEqual(['settings.host', 'secrets.password']);
  });

  it('is held against the schema of each field', () => {
    const wrong = edited({ settings: { port: 70_000 }, secrets: { password: typed('abc') } }, false);
    expect(validate(vendor, wrong, undefined, 'test')).toMatchObject({
      'settings.port': 'Enter a whole number from 1 to 65535.',
      'secrets.password': 'This is too short. Use at least 4 characters; it has 3.',
    });
    expect(validate(vendor, edited({ settings: { port: 1.5 } }, false), undefined, 'test')).toHaveProperty([
      'settings.port',
    ]);
  });
});

describe('Changes to a connection', () => {
  it('are nothing while nothing was changed', () => {
    expect(changesOf(vendor, edited({}), connection)).toEqual({});
    expect(changesOf(vendor, edited({ name: 'Newsletter ' }), connection)).toEqual({});
  });

  it('are what changed alone; what was emptied is null, and takes its default', () => {
    const values = edited({ fromEmail: '', fromName: 'News', settings: { strict: true } });
    expect(changesOf(vendor, values, connection)).toEqual({
      fromEmail: null,
      fromName: 'News',
      settings: { strict: true },
    });
    const other = { ...connection, settings: { ...connection.settings, port: 2525 } };
    const emptied = {
      ...initialValues(vendor, other),
      settings: { ...initialValues(vendor, other).settings, port: '' },
    };
    expect(changesOf(vendor, emptied, other)).toEqual({ settings: { port: null } });
  });

  it('replace a secret by what was typed, and remove one by null', () => {
    const values = edited({ secrets: { password: typed('another'), signingKey: REMOVED } });
    expect(changesOf(vendor, values, connection)).toEqual({ settings: { password: 'another', signingKey: null } });
  });

  it('replace the limits as a whole, and clear them', () => {
    const warmUp = { startsOn: '2026-12-01', firstDay: 50, growthPercent: 50 };
    const limited = { ...connection, limits: { perSecond: 14, perDay: 1000, warmUp } };
    const begun = initialValues(vendor, limited);
    expect(changesOf(vendor, begun, limited)).toEqual({});
    expect(limitsInWords(limited.limits)).toBe(
      '14 per second, 1,000 per day, warm-up from Dec 1, 2026: 50 emails, 50% more each day',
    );
    // 50, 75, 112, 168, 253, 379, 569, 854, 1281
    expect(endOfWarmUp(begun.limits)?.toISOString()).toBe('2026-12-09T00:00:00.000Z');
    const steady = { ...begun, limits: { ...begun.limits, hasWarmUp: false, perSecond: '' } };
    expect(changesOf(vendor, steady, limited)).toEqual({ limits: { perDay: 1000 } });
    const incomplete = { ...begun, limits: { ...begun.limits, firstDay: '', perDay: '99999999999999999999' } };
    expect(changesOf(vendor, incomplete, limited)).toEqual({
      limits: { perSecond: 14, perDay: 1e20, warmUp: { startsOn: '2026-12-01', growthPercent: 50 } },
    });
    const unlimited = { ...steady, limits: { ...steady.limits, perDay: '' } };
    expect(changesOf(vendor, unlimited, limited)).toEqual({ limits: null });
  });

  it('replace the allowed sender domains as a whole, and clear them', () => {
    const restricted = { ...connection, allowedSenderDomains: ['example.com', '*.example.com'] };
    const begun = initialValues(vendor, restricted);
    expect(begun.allowedSenderDomains).toBe('example.com, *.example.com');
    expect(changesOf(vendor, begun, restricted)).toEqual({});
    const other = { ...begun, allowedSenderDomains: ' example.net;\nexample.org ' };
    expect(changesOf(vendor, other, restricted)).toEqual({ allowedSenderDomains: ['example.net', 'example.org'] });
    const emptied = { ...begun, allowedSenderDomains: ' ' };
    expect(changesOf(vendor, emptied, restricted)).toEqual({ allowedSenderDomains: [] });
  });

  it('leave out what they hide', () => {
    expect(changesOf(vendor, edited({ settings: { login: 'none' } }), connection)).toEqual({
      settings: { login: 'none' },
    });
  });

  it('are tested with the secrets of the connection, and with recipients only where there are any', () => {
    const values = edited({ fromEmail: 'other@example.com' });
    expect(unsavedTest(vendor, values, connection, [])).toEqual({
      connectionId: connection.id,
      fromEmail: 'other@example.com',
    });
    expect(unsavedTest(vendor, values, connection, ['ada@example.com'])).toHaveProperty('to', ['ada@example.com']);
  });
});

describe('A stored secret', () => {
  const renewed = (values: FormValues) => renewalOf(vendor.fields, values, connection).secrets.map(({ name }) => name);

  it('must be entered again once its destination changes, unless it only checks what comes in', () => {
    expect(renewed(edited({}))).toEqual([]);
    expect(renewed(edited({ settings: { strict: true } }))).toEqual([]);
    expect(renewed(edited({ settings: { host: 'elsewhere.example.com' } }))).toEqual(['password']);
    expect(renewed(edited({ settings: { port: '' } }))).toEqual([]);
  });

  it('that goes away with the change need not', () => {
    expect(renewed(edited({ settings: { login: 'none' } }))).toEqual([]);
  });

  it('keeps the form from being saved until it is', () => {
    const settings = { host: 'elsewhere.example.com' };
    expect(validate(vendor, edited({ settings }), connection, 'save')).toEqual({
      'secrets.password': 'Enter the password again: Host has changed, which decides where it is sent.',
    });
    const given = edited({ settings, secrets: { password: typed('another') } });
    expect(validate(vendor, given, connection, 'save')).toEqual({});
  });
});

describe('What the service finds', () => {
  it('stands at its field; what belongs to none, or to one that is not shown, stands above', () => {
    const values = edited({ settings: { login: 'none' } });
    const faults = ['/name', '/settings/host', '/settings/signingKey', '/settings/password', '/vendor'].map(
      (pointer) => ({
        pointer,
        code: 'x',
        message: pointer,
      }),
    );
    const { atFields, others } = placeFaults(faults, shownFields(vendor.fields, values));
    expect(atFields).toEqual({
      name: '/name',
      'settings.host': '/settings/host',
      'secrets.signingKey': '/settings/signingKey',
    });
    expect(others.map(({ pointer }) => pointer)).toEqual(['/settings/password', '/vendor']);
  });
});
