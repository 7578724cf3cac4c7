import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { WatchedPage } from '../support/browser.ts';
import { labelled } from '../support/connection-form.ts';
import { ConsoleUnderTest } from '../support/console.ts';

const SENDER = 'newsletter-production@sender.example';

/** Column widths, sort order, the not-found page, dialogs, and expiry of API keys. */
describe('the pages of the console', () => {
  let console: ConsoleUnderTest;
  let watched: WatchedPage;
  let page: Page;
  let id: string;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
    id = await console.connect('sendgrid', 'SendGrid Production');
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromEmail: SENDER } });
  });
  afterAll(async () => {
    await console.stop();
  });
  beforeEach(async () => {
    watched = await console.signedIn();
    ({ page } = watched);
  });
  afterEach(async () => {
    watched.assertNoFaults();
    await watched.close();
  });

  it('shows whole senders at 1280, and uses the width at 1920', async () => {
    await page.goto('/connections');
    const sender = page.getByRole('cell').getByText(SENDER);
    await sender.waitFor();
    expect(await sender.evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);
    const table = page.getByRole('table', { name: 'Connections' });
    const narrow = await table.boundingBox();
    await page.setViewportSize({ width: 1920, height: 1000 });
    const wide = await table.boundingBox();
    expect((wide?.width ?? 0) - (narrow?.width ?? 0)).toBeGreaterThan(350);
  });

  it('keeps the navigation on a page that does not exist', async () => {
    for (const path of ['/nowhere', '/connections/01a21203-5fdb-7796-a8b5-f6c4bb20d142']) {
      await page.goto(path);
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'SMTP' }).waitFor();
    }
    await page.getByRole('link', { name: 'Back to connections' }).click();
    await page.getByRole('heading', { name: 'SMTP', exact: true }).waitFor();
  });

  it('lists vendors with webhooks first, and finds a provider among the presets', async () => {
    await page.goto('/connections/new');
    await page.getByRole('link', { name: 'Gmail', exact: true }).waitFor();
    const names = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(names).toEqual(['Mailgun', 'SendGrid', 'SMTP.com', 'SparkPost', 'Generic SMTP', 'Generic SMTP presets']);
    await page.getByLabel('Search vendors and providers').fill('postmark');
    await page.getByRole('link', { name: 'Postmark, transactional' }).click();
    await labelled(page, 'Name').waitFor();
    expect(await labelled(page, 'Host').inputValue()).toBe('smtp.postmarkapp.com');
  });

  it('lists active campaigns and journeys first, then by name', async () => {
    for (const [ref, name, status] of [
      ['1', 'Alpha', 'completed'],
      ['2', 'Zulu', 'running'],
      ['3', 'Mike', 'scheduled'],
      ['4', 'Beta', 'draft'],
    ]) {
      const usage = `/api/v1/connections/${id}/usages/campaign/${String(ref)}`;
      await console.service.call('PUT', usage, { body: { name, status } });
    }
    await page.goto(`/connections/${id}/used-by`);
    await page.getByRole('cell', { name: 'Zulu' }).waitFor();
    const rows = await page.getByRole('row').allTextContents();
    expect(rows.slice(1).map((row) => /Alpha|Beta|Mike|Zulu/.exec(row)?.[0])).toEqual([
      'Mike',
      'Zulu',
      'Alpha',
      'Beta',
    ]);
  });

  it('creates an API key that expires, and shows when it was last used', async () => {
    await page.goto('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Audit');
    await dialog.getByLabel('Expires').click();
    await page.getByRole('option', { name: 'In 90 days' }).click();
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByRole('group', { name: 'API key' }).waitFor();
    const key = console.service.watch((await dialog.locator('code').textContent()) ?? '');
    await dialog.getByRole('button', { name: 'Done' }).click();
    const item = page.getByRole('listitem').filter({ hasText: 'Audit' });
    await item.getByText('Never').waitFor();
    await item.getByText(/^in (2|3) months$/).waitFor();
    await console.service.call('GET', '/api/v1/session', { token: key });
    await page.reload();
    await item.getByText('just now').last().waitFor();
    expect(await item.getByText('Never').count()).toBe(0);
  });

  it('covers the whole window behind a dialog', async () => {
    await page.goto(`/connections/${id}/settings`);
    await labelled(page, 'Name').waitFor();
    const before = await page.getByRole('heading', { level: 1 }).boundingBox();
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor();
    const gap = await page.evaluate<number>(
      `innerWidth - document.querySelector('.mantine-Modal-overlay').getBoundingClientRect().width`,
    );
    expect(gap).toBe(0);
    expect(await page.locator('h1').boundingBox()).toEqual(before);
  });
});
