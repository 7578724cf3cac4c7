import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { Adapter, type AdapterIdentity, adapterIdentity } from '@score-crm/adapter-kit';

@Adapter({ vendor: 'example', displayName: 'Example', docsUrl: 'https://example.com/docs' })
class ExampleAdapter {}

describe('@Adapter', () => {
  it('gives the class an identity that can be read without an instance', () => {
    expect(adapterIdentity(ExampleAdapter)).toEqual({
      vendor: 'example',
      displayName: 'Example',
      docsUrl: 'https://example.com/docs',
    });
  });

  it('makes the class injectable', async () => {
    @Adapter({ vendor: 'needy', displayName: 'Needy' })
    class NeedyAdapter {
      constructor(readonly example: ExampleAdapter) {}
    }
    const module = await Test.createTestingModule({ providers: [ExampleAdapter, NeedyAdapter] }).compile();
    expect(module.get(NeedyAdapter).example).toBeInstanceOf(ExampleAdapter);
  });

  it.each(['ab', 'a1', 'constructor', 'a'.repeat(32)])('accepts the vendor key %j', (vendor) => {
    expect(() => Adapter({ vendor, displayName: 'Example' })).not.toThrow();
  });

  it.each([
    '',
    'a',
    'a'.repeat(33),
    'SendGrid',
    '__proto__',
    '1st',
    'send-grid',
    'send grid',
    'sendgrid\n',
    'sendgrıd',
    undefined,
    null,
    7,
    ['sendgrid'],
  ])('rejects the vendor key %j', (vendor) => {
    const identity = { vendor, displayName: 'Example' } as AdapterIdentity;
    expect(() => Adapter(identity)).toThrow(TypeError);
    expect(() => Adapter(identity)).toThrow('must be 2 to 32 lowercase letters and digits');
  });

  it.each(['', ' ', undefined])('rejects the display name %j', (displayName) => {
    const identity = { vendor: 'example', displayName } as AdapterIdentity;
    expect(() => Adapter(identity)).toThrow('needs a display name');
  });

  it('keeps the identity as it was declared', () => {
    const identity = { vendor: 'steady', displayName: 'Steady' };
    @Adapter(identity)
    class SteadyAdapter {}
    identity.vendor = 'other';
    expect(adapterIdentity(SteadyAdapter)?.vendor).toBe('steady');
    expect(Object.isFrozen(adapterIdentity(SteadyAdapter))).toBe(true);
  });
});

describe('adapterIdentity', () => {
  it('is found if a second copy of the package declared it', () => {
    class ForeignAdapter {}
    const identity = { vendor: 'foreign', displayName: 'Foreign' };
    Reflect.defineMetadata(Symbol.for('@score-crm/adapter-kit:identity'), identity, ForeignAdapter);
    expect(adapterIdentity(ForeignAdapter)).toEqual(identity);
  });

  it('is undefined for any other class', () => {
    expect(adapterIdentity(class Plain {})).toBeUndefined();
  });

  it('is not inherited: a subclass must declare its own vendor', () => {
    expect(adapterIdentity(class Derived extends ExampleAdapter {})).toBeUndefined();
  });
});
