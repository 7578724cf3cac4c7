import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { ConsoleUnderTest, until, violationsOn } from '../support/console.ts';
import type { WatchedPage } from '../support/browser.ts';
import { fillConnection } from '../support/filled-connection.ts';

const TABS = ['', '/test', '/webhook', '/events', '/used-by', '/settings'];
const VENDORS = ['smtp', 'sendgrid', 'sparkpost', 'smtpcom', 'mailgun'];
const SCHEMES = ['light', 'dark'] as const;
const UNAVAILABLE = {
  status: 503,
  code: 'database_unavailable',
  detail: 'The database cannot be reached. Try again in a moment.',
  requestId: 'request-1',
};

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
  /** Goes there, and waits until nothing is on its way any more. */
  const visit = async (path: string): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await until(page, `document.querySelector('[aria-busy="true"], .mantine-Skeleton-root') === null`);
  };

  it.each(['/connections', '/connections/new', '/api-keys', '/nowhere'])('%s with data', async (path) => {
    await visit(path);
    await expectNoViolations(path);
  });

  it.each(TABS)('/connections/…%s with data', async (tab) => {
    await visit(`/connections/${full}${tab}`);
    await expectNoViolations(tab);
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

  it('the dialog of a test', async () => {
    await visit('/connections');
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page.getByRole('dialog').getByLabel('Recipients').waitFor();
    await expectNoViolations('the test dialog');
  });

  it('a deletion, and one that is refused', async () => {
    await visit(`/connections/${full}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('Spring sale').waitFor();
    await expectNoViolations('a deletion that is refused');
    await visit(`/connections/${bare}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('30 days').waitFor();
    await expectNoViolations('a deletion');
  });

  it('an event', async () => {
    await visit(`/connections/${full}/events`);
    await page.getByRole('main').getByRole('table').getByRole('link').first().click();
    await page.getByRole('dialog').getByText('Recipient').first().waitFor();
    await until(page, `document.querySelector('.mantine-Skeleton-root') === null`);
    await expectNoViolations('an event');
  });

  it('the dialog of a new key', async () => {
    await visit('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await expectNoViolations('a new key');
  });

  it.each(['', '/test', '/webhook', '/events', '/used-by'])('/connections/…%s, empty', async (tab) => {
    await visit(`/connections/${bare}${tab}`);
    await expectNoViolations(tab);
  });

  it('a list without a match, and without a connection', async () => {
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

  it('the sign-in, and one that failed', async () => {
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

  it('what did not work: signing out, copying, and saving what somebody else changed', async () => {
    await visit(`/connections/${full}/webhook`);
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))');
    await page.getByRole('button', { name: 'Copy: Webhook URL' }).click();
    await page.getByText('Select the text and copy it manually').last().waitFor();
    await page.route(/\/api\/v1\/session$/, (route) => route.fulfill({ status: 503, json: UNAVAILABLE }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Could not sign out').waitFor();
    await page.unrouteAll();
    // Away from the button, whose tooltip is no part of this.
    await page.getByRole('heading', { level: 1 }).click();
    await page.getByRole('tooltip').first().waitFor({ state: 'hidden' });
    await expectNoViolations('signing out and copying');

    const id = await console.connect('smtp', 'Changed by two');
    await visit(`/connections/${id}/settings`);
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromName: 'Theirs' } });
    await page.getByLabel('From name').fill('Mine');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Someone else changed this connection').waitFor();
    await expectNoViolations('a conflict');
  });

  describe.each(['loading', 'failed'])('%s', (state) => {
    const answer = async (route: Route): Promise<void> => {
      // What loads does so for as long as anybody looks.
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

    it.each(['/connections', '/connections/new', '/api-keys'])('%s', async (path) => {
      await page.route(/\/api\/v1\/(?!session)/, answer);
      await expectAccessible(path);
    });

    it('a connection', async () => {
      await page.route(/\/api\/v1\/(?!session)/, answer);
      await expectAccessible(`/connections/${full}`);
    });

    it.each(['', '/test', '/webhook', '/events', '/used-by'])('what stands on /connections/…%s', async (tab) => {
      await page.route(/\/api\/v1\/connections\/[^/]+\//, answer);
      await expectAccessible(`/connections/${full}${tab}`);
    });
  });
});
