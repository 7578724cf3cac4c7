import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adapterIdentity } from '@score-crm/adapter-kit';
import type { Page, Route } from 'playwright-core';
import * as adapters from '../../src/adapters.ts';
import { ConsoleUnderTest, violationsOn } from '../support/console.ts';
import { until, type WatchedPage } from '../support/browser.ts';
import { fillConnection } from '../support/filled-connection.ts';

const TABS = ['', '/test', '/webhook', '/events', '/used-by', '/settings'];
const VENDORS = Object.values<object>(adapters).map((adapter) => String(adapterIdentity(adapter)?.vendor));
const LONG = process.env['TEST_LONG'] === '1';
const SCHEMES = LONG ? (['light', 'dark'] as const) : (['light'] as const);
const UNAVAILABLE = {
  status: 503,
  code: 'database_unavailable',
  detail: 'The database cannot be reached. Try again in a moment.',
  requestId: 'request-1',
};

/**
 * Every page has no violations of axe's rules (WCAG 2.2 AA and best practices), in the light scheme;
 * with TEST_LONG=1 in the dark one and while loading, too.
 */
describe('accessibility of the console', () => {
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
    try {
      watched.assertNoFaults();
    } finally {
      await console.stop();
    }
  });

  const expectNoViolations = async (of: string): Promise<void> => {
    for (const scheme of SCHEMES) {
      expect([of, scheme, await violationsOn(page, scheme)]).toEqual([of, scheme, []]);
    }
  };
  /** Opens a page, and waits until everything is loaded. */
  const visit = async (path: string): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await until(page, `document.querySelector('[aria-busy="true"], .mantine-Skeleton-root') === null`);
  };

  it.each(['/connections', '/connections/new', '/api-keys', '/nowhere'])('of %s with data', async (path) => {
    await visit(path);
    await expectNoViolations(path);
  });

  it.each(TABS)('of /connections/:id%s with data', async (tab) => {
    await visit(`/connections/${full}${tab}`);
    await expectNoViolations(tab);
  });

  it.each(VENDORS)('of the form of %s, with and without errors', async (vendor) => {
    await visit(`/connections/new?vendor=${vendor}`);
    const advanced = page.getByRole('button', { name: 'Advanced settings' });
    if ((await advanced.count()) > 0) await advanced.click();
    await expectNoViolations(vendor);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await expectNoViolations(`${vendor} with errors`);
  });

  it('of the test dialog', async () => {
    await visit('/connections');
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page.getByRole('dialog').getByLabel('Recipients').waitFor();
    await expectNoViolations('the test dialog');
  });

  it('of the delete dialog, for connections in use and not in use', async () => {
    await visit(`/connections/${full}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('Spring sale').waitFor();
    await expectNoViolations('deletion of a connection in use');
    await visit(`/connections/${bare}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('30 days').waitFor();
    await expectNoViolations('a deletion');
  });

  it('of the event details', async () => {
    await visit(`/connections/${full}/events`);
    await page.getByRole('main').getByRole('table').getByRole('link').first().click();
    await page.getByRole('dialog').getByText('Recipient').first().waitFor();
    await until(page, `document.querySelector('.mantine-Skeleton-root') === null`);
    await expectNoViolations('an event');
  });

  it('of the dialog for a new API key', async () => {
    await visit('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await expectNoViolations('a new key');
  });

  it.each(['', '/test', '/webhook', '/events', '/used-by'])('of /connections/:id%s without data', async (tab) => {
    await visit(`/connections/${bare}${tab}`);
    await expectNoViolations(tab);
  });

  it('of the list without matches and without connections', async () => {
    await visit('/connections?search=nothing-like-this');
    await page.getByRole('heading', { name: 'No matching connections' }).waitFor();
    await expectNoViolations('no match');
    const own = page;
    const stranger = await console.signedIn(await console.service.tokenFor('newcomers'));
    ({ page } = stranger);
    await visit('/connections');
    await page.getByText('Connect your first email vendor').waitFor();
    await expectNoViolations('the first visit');
    stranger.assertNoFaults();
    await stranger.close();
    page = own;
  });

  it('of the sign-in page, before and after a failed attempt', async () => {
    const own = page;
    const stranger = await console.open();
    ({ page } = stranger);
    await page.goto('/sign-in');
    await page.getByLabel('API key or token').fill('sk_not-a-key');
    await expectNoViolations('the sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key or token is not valid').waitFor();
    await expectNoViolations('a sign-in that failed');
    stranger.assertNoFaults();
    await stranger.close();
    page = own;
  });

  it('of failures to sign out and to copy, and of an edit conflict', async () => {
    await visit(`/connections/${full}/webhook`);
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))');
    await page.getByRole('button', { name: 'Copy: Webhook URL' }).click();
    await page.getByText('Select the text and copy it manually').last().waitFor();
    await page.route(/\/api\/v1\/session$/, (route) => route.fulfill({ status: 503, json: UNAVAILABLE }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Could not sign out').waitFor();
    await page.unrouteAll();
    // Hides the tooltip of the button.
    await page.getByRole('heading', { level: 1 }).click();
    await page.getByRole('tooltip').first().waitFor({ state: 'hidden' });
    await expectNoViolations('signing out and copying');

    const id = await console.connect('smtp', 'Changed twice');
    await visit(`/connections/${id}/settings`);
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromName: 'Theirs' } });
    await page.getByLabel('From name').fill('Mine');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Someone else changed this connection').waitFor();
    await expectNoViolations('a conflict');
  });

  describe.each(LONG ? ['loading', 'failed'] : ['failed'])('while data are %s', (state) => {
    const answer = async (route: Route): Promise<void> => {
      // Without a response, the page stays in its loading state.
      if (state === 'failed') await route.fulfill({ status: 503, json: UNAVAILABLE });
    };
    const expectAccessible = async (path: string): Promise<void> => {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      const sign = state === 'failed' ? page.getByRole('alert') : page.locator('.mantine-Skeleton-root');
      await sign.first().waitFor({ state: 'attached' });
      await expectNoViolations(`${path} ${state}`);
    };
    afterEach(async () => {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    });

    it.each(['/connections', '/connections/new', '/api-keys'])('of %s', async (path) => {
      await page.route(/\/api\/v1\/(?!session)/, answer);
      await expectAccessible(path);
    });

    it('of a connection', async () => {
      await page.route(/\/api\/v1\/(?!session)/, answer);
      await expectAccessible(`/connections/${full}`);
    });

    it.each(['', '/test', '/webhook', '/events', '/used-by'])('of /connections/:id%s', async (tab) => {
      await page.route(/\/api\/v1\/connections\/[^/]+\//, answer);
      await expectAccessible(`/connections/${full}${tab}`);
    });
  });
});
