import { Adapter } from '@score-crm/adapter-kit';
import { Injectable, Module, Scope } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AdapterRegistry, UnknownVendorError } from '../src/index.ts';
import { FakeAdapter, FakeSettings, OtherAdapter } from './support/fake-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { type TestOptions, TestModule } from './support/test-module.ts';

@Adapter({ vendor: 'fake', displayName: 'Fake again' })
class RivalAdapter extends FakeAdapter {}

@Adapter({ vendor: 'bare', displayName: 'Bare' })
class BareAdapter {}

class NoFields {}

@Adapter({ vendor: 'empty', displayName: 'Empty' })
class EmptyAdapter {
  readonly settings = NoFields;
}

@Injectable({ scope: Scope.REQUEST })
class Unmarked extends FakeAdapter {}

@Module({ providers: [OtherAdapter] })
class ElsewhereModule {}

@Module({ imports: [ElsewhereModule] })
class FeatureModule {}

describe('the registry of adapters', () => {
  let module: TestModule | undefined;

  afterEach(async () => {
    await module?.end();
    module = undefined;
  });

  async function registryOf(providers: NonNullable<TestOptions['providers']>, imports: TestOptions['imports'] = []) {
    module = await TestModule.start('SQLite', { providers, imports });
    return module.app.get(AdapterRegistry);
  }

  it('finds the providers that bear @Adapter, and no others', async () => {
    const registry = await registryOf([OtherAdapter, FakeAdapter, Unmarked, { provide: 'x', useValue: null }]);
    expect(registry.vendors).toEqual(['fake', 'other']);
    expect(registry.all().map(({ identity }) => identity.displayName)).toEqual(['Fake', 'Other']);
    expect(registry.get('fake').adapter).toBe(module?.adapter);
  });

  it('finds those of another module, however deep', async () => {
    expect((await registryOf([FakeAdapter], [FeatureModule])).vendors).toEqual(['fake', 'other']);
  });

  it('finds those that a factory or a value made, and an alias once', async () => {
    const registry = await registryOf([
      { provide: 'made', useFactory: () => new FakeAdapter() },
      { provide: 'alias', useExisting: 'made' },
      { provide: 'value', useValue: new OtherAdapter() },
    ]);
    expect(registry.vendors).toEqual(['fake', 'other']);
  });

  it.each<[string, NonNullable<TestOptions['providers']>, RegExp]>([
    [
      'two adapters of one vendor',
      [FakeAdapter, RivalAdapter],
      /"fake": FakeAdapter and RivalAdapter\. Register only one/,
    ],
    [
      'two instances of one adapter',
      [FakeAdapter, { provide: 'again', useClass: FakeAdapter }],
      /"fake": FakeAdapter and FakeAdapter/,
    ],
    ['an adapter without settings', [BareAdapter], /BareAdapter declares no settings/],
    ['an adapter without fields', [EmptyAdapter], /EmptyAdapter declares no settings/],
    [
      'an adapter that is made per request',
      [{ provide: FakeAdapter, useClass: FakeAdapter, scope: Scope.REQUEST }],
      /FakeAdapter declares no settings.*singleton/,
    ],
  ])('stops the start for %s', async (_what, providers, message) => {
    expect((await failureOf(registryOf(providers))).message).toMatch(message);
  });

  it('knows no vendor by the name of a member that every object has', async () => {
    const registry = await registryOf([FakeAdapter]);
    for (const vendor of ['constructor', '__proto__', 'toString', '', 'FAKE']) {
      expect(registry.find(vendor)).toBeUndefined();
      expect(() => registry.get(vendor)).toThrow(new UnknownVendorError(['fake']));
    }
    expect(registry.get('fake').adapter.settings).toBe(FakeSettings);
  });
});
