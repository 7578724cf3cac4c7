import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdapterRegistry } from '@score-crm/connections';
import { labelled } from '../support/connection-form.ts';
import { ConsoleUnderTest } from '../support/console.ts';
import { PigeonPostAdapter } from '../support/pigeon-post.ts';

describe('a new vendor without code in the console', () => {
  let console: ConsoleUnderTest;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
    // As if its line had been in src/adapters.ts when the service started.
    const registry = console.service.app.get(AdapterRegistry);
    registry['register']({ vendor: 'pigeonpost', displayName: 'Pigeon Post' }, new PigeonPostAdapter());
  });
  afterAll(async () => {
    await console.stop();
  });

  it('is listed, and has a form with its fields and rules', async () => {
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto('/connections/new');
    await page.getByRole('link', { name: 'Pigeon Post', exact: true }).click();
    await page.getByText('Where the pigeons live.').waitFor();
    expect(await page.getByPlaceholder('north-7').count()).toBe(1);
    expect(await labelled(page, 'Pigeons').inputValue()).toBe('12');
    // The guide is required only for the hills, and the grain is an advanced setting.
    expect(await labelled(page, 'Guide').count()).toBe(0);
    expect(await labelled(page, 'Grain').isVisible()).toBe(false);
    await page.getByText('Over the hills').click();
    await labelled(page, 'Name').fill('Homing');
    await labelled(page, 'Pigeons').fill('41');
    await page.getByRole('button', { name: 'Save' }).click();
    for (const label of ['Loft', 'Pigeons', 'Guide', 'Whistle']) {
      await labelled(page, label).and(page.locator('[aria-invalid="true"]')).waitFor();
    }

    await labelled(page, 'Loft').fill('North');
    await labelled(page, 'Pigeons').fill('40');
    await labelled(page, 'Guide').fill('Ada');
    await labelled(page, 'Whistle').fill(console.service.secret());
    await page.getByRole('button', { name: 'Save' }).click();
    // The adapter's own message for a pattern.
    await page.getByText('A loft is a word and a number: north-7.').first().waitFor();
    await labelled(page, 'Loft').fill('north-7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Homing' }).waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?vendor=pigeonpost');
    expect(body.data).toMatchObject([
      {
        name: 'Homing',
        settings: { loft: 'north-7', pigeons: 40, route: 'hills', guide: 'Ada' },
        secrets: { whistle: { set: true } },
      },
    ]);
    watched.assertNoFaults();
    await watched.close();
  });

  it('keeps the advanced settings open while the last one is cleared', async () => {
    const settings = { loft: 'north-7', pigeons: 1, route: 'coast', whistle: console.service.secret(), grain: 'Maize' };
    const { body } = await console.service.call('POST', '/api/v1/connections', {
      body: { vendor: 'pigeonpost', name: 'Fed', settings },
    });
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${String(body.id)}/settings`);
    const grain = labelled(page, 'Grain');
    // Open from the beginning, because it has a value.
    expect(await grain.inputValue()).toBe('Maize');
    await grain.fill('');
    await grain.pressSequentially('Oats');
    expect(await grain.inputValue()).toBe('Oats');
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await grain.waitFor({ state: 'hidden' });
    watched.assertNoFaults();
    await watched.close();
  });
});
