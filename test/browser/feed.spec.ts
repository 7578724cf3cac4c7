import { EventConsumers } from '@score-crm/connections';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { WatchedPage } from '../support/browser.ts';
import { shareConsole, violationsOn } from '../support/console.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

const NAME = 'subscriber:campaigns';
let isBroken = true;
let hook: SendgridWebhook;

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
    hook = await SendgridWebhook.create(service);
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

describe('the page of live events', () => {
  it('shows events of all connections as they are stored, of the chosen types, until it is paused', async () => {
    const { watched, page } = shared;
    await watched.open('/connections');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Live events' }).click();
    const state = page.getByRole('main').getByRole('status');
    await state.filter({ hasText: 'Live' }).waitFor();
    await page.getByRole('heading', { name: 'Waiting for events' }).waitFor();
    await hook.post([vendorEvent('delivered', { email: 'eve@recipient.example' })]);
    const rows = page.getByRole('table', { name: 'Live events' }).locator('tbody').getByRole('row');
    await rows.filter({ hasText: 'eve@recipient.example' }).filter({ hasText: 'Campaigns' }).waitFor();
    await shared.console.service.call('GET', `/api/v1/connections/${hook.id}/webhook/health`);
    await rows.getByRole('link', { name: /^Webhook, (Healthy|Waiting): open$/ }).waitFor();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);

    await page.getByRole('combobox', { name: 'Event types' }).click();
    await page.getByRole('option', { name: 'Bounced' }).click();
    await rows.first().waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await state.filter({ hasText: 'Live' }).waitFor();
    const bounce = { reason: '550 5.1.1 No such user', status: '5.1.1' };
    await hook.post([
      vendorEvent('delivered', { email: 'ada@recipient.example' }),
      vendorEvent('bounce', { email: 'bob@recipient.example', ...bounce }),
    ]);
    await rows.filter({ hasText: 'bob@recipient.example' }).waitFor();
    expect(await rows.count()).toBe(1);

    await page.getByRole('button', { name: 'Pause' }).click();
    await state.filter({ hasText: 'Paused' }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await state.filter({ hasText: 'Live' }).waitFor();
    await rows.getByRole('link', { name: 'bob@recipient.example, Bounced: open' }).click();
    await page.getByRole('dialog', { name: 'Event' }).getByText('5.1.1').first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${hook.id}/events`);
  });

  it('says when the service refuses the stream, and tries again', async () => {
    const { watched, page } = shared;
    const stream = /\/events\/stream/;
    await watched.open('/connections');
    await page.route(stream, (route) => route.fulfill({ status: 429, json: { status: 429 } }));
    await watched.go('/events');
    const failure = page.getByRole('alert').filter({ hasText: 'The service ended the stream' });
    await failure.waitFor();
    await page.unroute(stream);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('main').getByRole('status').filter({ hasText: 'Live' }).waitFor();
    expect(await failure.count()).toBe(0);
  });
});
