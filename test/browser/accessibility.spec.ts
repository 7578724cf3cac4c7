import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { ConsoleUnderTest, violationsOn } from '../support/console.ts';
import type { WatchedPage } from '../support/browser.ts';
import { fillConnection } from '../support/filled-connection.ts';

const TABS = ['', '/test', '/webhook', '/events', '/used-by', '/settings'];
const VENDORS = ['smtp', 'sendgrid', 'sparkpost', 'smtpcom', 'mailgun'];
const SCHEMES = ['light', 'dark'] as const;

/** What axe finds on every page (WCAG 2.2 AA and its best practices), in the light and in the dark: nothing. */
describe('every page is accessible', () => {
  let console: ConsoleUnderTest;
  let full: string;
  let bare: string;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
    full = await console.connect('sendgrid', 'With everything');
    bare = await console.connect('mailgun', 'With nothing');
    await fillConnection(console, full);
    watched = await console.signedIn();
    ({ page } = watched);
  });
  afterAll(async () => {
    watched.assertNoFaults();
    await console.stop();
  });

  const expectNoViolations = async (of: string): Promise<void> => {
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect([of, colorScheme, await violationsOn(page)]).toEqual([of, colorScheme, []]);
    }
  };
  const visit = async (path: string): Promise<void> => {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
  };

  it('with data', async () => {
    const paths = [
      '/connections',
      '/connections/new',
      '/api-keys',
      '/nowhere',
      ...TABS.map((tab) => `/connections/${full}${tab}`),
    ];
    for (const path of paths) {
      await visit(path);
      await expectNoViolations(path);
    }
  });

  it.each(VENDORS)('the form of %s, and with its faults', async (vendor) => {
    await visit(`/connections/new?vendor=${vendor}`);
    const advanced = page.getByRole('button', { name: 'Advanced settings' });
    if ((await advanced.count()) > 0) await advanced.click();
    await expectNoViolations(vendor);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await expectNoViolations(`${vendor} with faults`);
  });

  it('dialogs', async () => {
    await visit('/connections');
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page
      .getByRole('dialog')
      .getByText('Send test')
      .or(page.getByRole('dialog').getByLabel('Recipients'))
      .first()
      .waitFor();
    await expectNoViolations('the test dialog');
    await visit(`/connections/${full}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('Spring sale').waitFor();
    await expectNoViolations('a deletion that is refused');
    await visit(`/connections/${bare}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('30 days').waitFor();
    await expectNoViolations('a deletion');
    await visit(`/connections/${full}/events`);
    await page.getByRole('main').getByRole('table').getByRole('link').first().click();
    await page.getByRole('dialog').waitFor();
    await page.waitForLoadState('networkidle');
    await expectNoViolations('an event');
    await visit('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await expectNoViolations('a new key');
  });

  it('empty', async () => {
    for (const tab of ['/test', '/events', '/used-by', '']) {
      await visit(`/connections/${bare}${tab}`);
      await expectNoViolations(`${tab} of a new connection`);
    }
    await visit('/connections?search=nothing-like-this');
    await expectNoViolations('no match');
    const own = page;
    const stranger = await console.signedIn(await console.service.tokenFor('newcomers'));
    ({ page } = stranger);
    await visit('/connections');
    await page.getByText('Connect your first e-mail vendor').waitFor();
    await expectNoViolations('the first visit');
    stranger.assertNoFaults();
    await stranger.close();
    page = own;
  });

  it.each([
    ['loading', (): Promise<void> => new Promise(() => undefined)],
    [
      'failed',
      (route: Route) =>
        route.fulfill({
          status: 503,
          json: {
            status: 503,
            code: 'database_unavailable',
            detail: 'The database cannot be reached. Try again in a moment.',
            requestId: 'r-1',
          },
        }),
    ],
  ])('%s', async (state, answer) => {
    await page.route(/\/api\/v1\/(?!session)/, answer);
    for (const path of ['/connections', '/connections/new', '/api-keys', `/connections/${full}`]) {
      await page.goto(path);
      await (
        state === 'failed' ? page.getByRole('alert').first() : page.locator('[aria-busy="true"]').first()
      ).waitFor();
      await expectNoViolations(`${path} ${state}`);
    }
    // The connection itself is there, and what stands on its pages is not.
    await page.unroute(/\/api\/v1\/(?!session)/);
    await page.route(/\/api\/v1\/connections\/[^/]+\//, answer);
    for (const tab of TABS.slice(0, -1)) {
      await page.goto(`/connections/${full}${tab}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (state === 'failed') await page.getByRole('alert').first().waitFor();
      await expectNoViolations(`${tab} ${state}`);
    }
    await page.unroute(/\/api\/v1\/connections\/[^/]+\//);
  });
});
