import { EventConsumers } from '@score-crm/connections';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { WatchedPage } from '../support/browser.ts';
import { shareConsole, violationsOn } from '../support/console.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

const NAME = 'subscriber:campaigns';
let isBroken = true;

const shared = shareConsole(
  async ({ service }) => {
    const consumers = service.app.get(EventConsumers);
    consumers.add({
      name: NAME,
      type: 'subscriber',
      batchSize: 10,
      start: 'beginning',
      retry: { attempts: 1, firstDelayMs: 1 },
      handle: async () => {
        if (isBroken) throw new Error('The campaign is locked');
      },
    });
    const hook = await SendgridWebhook.create(service);
    await hook.post([vendorEvent('delivered', { email: 'ada@recipient.example' })]);
  },
  { operatorOrganization: 'default' },
);

describe('the page of consumers', () => {
  let watched: WatchedPage;
  let page: Page;
  beforeAll(() => {
    ({ watched, page } = shared);
  });

  it('shows, pauses and resumes consumers, and hands over dead letters again', async () => {
    await watched.open('/connections');
    await page.getByRole('link', { name: 'Consumers' }).click();
    const item = page.getByRole('listitem').filter({ hasText: NAME });
    await item.getByRole('button', { name: `Dead letters of ${NAME}` }).waitFor();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);

    await item.getByRole('button', { name: `Pause ${NAME}` }).click();
    await item.getByText('Paused').waitFor();
    await item.getByRole('button', { name: `Resume ${NAME}` }).click();
    await item.getByText('Up to date').waitFor();

    await item.getByRole('button', { name: `Dead letters of ${NAME}` }).click();
    const dialog = page.getByRole('dialog', { name: `Dead letters of ${NAME}` });
    await dialog.getByText('The campaign is locked · 1 attempt').waitFor();
    const again = dialog.getByRole('button', { name: /Try event \d+ again/ });
    await again.click();
    await dialog.getByText('It failed again: The campaign is locked').waitFor();
    expect(await violationsOn(page, 'light', '[role="dialog"]')).toEqual([]);
    isBroken = false;
    await again.click();
    await dialog.getByText('All events of this consumer are processed.').waitFor();
    await page.keyboard.press('Escape');
    await item.getByRole('button', { name: `Dead letters of ${NAME}` }).waitFor({ state: 'detached' });
  });

  it('is not offered to other organizations', async () => {
    const other = await shared.another(await shared.console.service.tokenFor('globex'));
    await other.open('/connections');
    await other.page.getByRole('link', { name: 'Audit' }).waitFor();
    await other.go('/consumers');
    await other.page.getByText('No consumers').waitFor();
    expect(await other.page.getByRole('link', { name: 'Consumers' }).count()).toBe(0);
  });
});
