import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import type { WatchedPage } from '../support/browser.ts';
import { type ConsoleUnderTest, shareConsole, violationsOn } from '../support/console.ts';
import { fillConnection } from '../support/filled-connection.ts';
import { SendgridWebhook } from '../support/sendgrid-webhook.ts';
import { VENDORS } from '../support/vendors.ts';

const TABS = ['', '/test', '/webhook', '/events', '/statistics', '/used-by', '/settings'];
const LONG = process.env['TEST_LONG'] === '1';
const SCHEMES = LONG ? (['light', 'dark'] as const) : (['light'] as const);
/** A page is checked as a whole with data; in other states and behind dialogs, only the part that differs. */
const MAIN = 'main';
const DIALOG = '[role="dialog"]';
const UNAVAILABLE = {
  status: 503,
  code: 'database_unavailable',
  detail: 'The database cannot be reached. Try again in a moment.',
  requestId: 'request-1',
};
/** The console does not repeat such a request, so that its failure is shown without a wait. */
const FORBIDDEN = { status: 403, code: 'forbidden', detail: 'Your key does not have access to this.' };

/**
 * Every page has no violations of axe's rules (WCAG 2.2 AA and best practices), in the light scheme;
 * with TEST_LONG=1 in the dark one and while loading, too.
 */
describe('accessibility of the console', () => {
  let full = '';
  let bare = '';
  const shared = shareConsole(async (console) => {
    full = await console.connect('sendgrid', 'With everything');
    bare = await console.connect('mailgun', 'With nothing');
    await fillConnection(console, full);
  });
  let console: ConsoleUnderTest;
  let watched: WatchedPage;
  let page: Page;
  beforeEach(() => {
    ({ console, watched, page } = shared);
  });
  /** The test continues on a page with another session, or without one. */
  const changeUser = async (key: string | null): Promise<void> => {
    watched = await shared.another(key);
    ({ page } = watched);
  };

  const expectNoViolations = async (of: string, within?: string): Promise<void> => {
    for (const scheme of SCHEMES) {
      expect([of, scheme, await violationsOn(page, scheme, within)]).toEqual([of, scheme, []]);
    }
  };
  it('of every page with data', async () => {
    await watched.open('/connections');
    await expectNoViolations('the list');
    for (const path of [
      '/connections/new',
      '/api-keys',
      '/audit',
      '/suppressions',
      '/statistics',
      '/nowhere',
      ...TABS.map((tab) => `/connections/${full}${tab}`),
    ]) {
      await watched.go(path);
      await expectNoViolations(path);
    }
  });

  it('of the form of every vendor, with and without errors', async () => {
    await watched.open('/connections/new');
    for (const [index, vendor] of VENDORS.entries()) {
      await watched.go(`/connections/new?vendor=${vendor}`);
      const advanced = page.getByRole('button', { name: 'Advanced settings' });
      if ((await advanced.count()) > 0) await advanced.click();
      // The forms have the same parts, and those without an error stay as they were.
      if (LONG || index === 0) await expectNoViolations(vendor);
      const invalid = page.locator('[aria-invalid="true"]');
      expect([vendor, await invalid.count()]).toEqual([vendor, 0]);
      await page.getByRole('button', { name: 'Save' }).click();
      await invalid.first().waitFor();
      await expectNoViolations(`${vendor} with errors`, MAIN);
    }
  });

  it('of the test dialog', async () => {
    await watched.open('/connections');
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page.getByRole('dialog').getByLabel('Recipients').waitFor();
    await expectNoViolations('the test dialog', DIALOG);
  });

  it('of the delete dialog, for connections in use and not in use', async () => {
    await watched.open(`/connections/${full}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('Spring sale').waitFor();
    await expectNoViolations('deletion of a connection in use', DIALOG);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await watched.go(`/connections/${bare}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByText('30 days').waitFor();
    await expectNoViolations('a deletion', DIALOG);
  });

  it('of the event details', async () => {
    await watched.open(`/connections/${full}/events`);
    await page.getByRole('main').getByRole('table').getByRole('link').first().click();
    await page.getByRole('dialog').getByText('Recipient').first().waitFor();
    await watched.settled();
    await expectNoViolations('an event', DIALOG);
  });

  it('of the activity of a webhook, of a request and of the dialog that processes it again', async () => {
    const { service } = console;
    const hook = await SendgridWebhook.create(service);
    await hook.postSigned('{"half');
    await hook.postAs('[]', hook.signer.headersFor(Buffer.from('another body')));
    await service.app.get(UnauthenticatedSamples).flush();
    const times = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
    await service.call('POST', `/api/v1/connections/${hook.id}/deliveries/reprocess`, { body: times });
    await watched.visit(`/connections/${hook.id}/webhook`);
    await page.getByRole('region', { name: 'Re-processing' }).getByText('Completed').waitFor();
    await expectNoViolations('the activity', MAIN);
    await page.getByRole('link', { name: /^Rejected/ }).click();
    await page.getByRole('dialog').getByRole('region', { name: 'Body of the request' }).waitFor();
    await expectNoViolations('a request', DIALOG);
    await page.getByRole('dialog').getByRole('button', { name: 'Process again' }).click();
    await page.getByRole('dialog').getByText('not stored twice').waitFor();
    await expectNoViolations('processing a request again', DIALOG);
  });

  it('of the dialog for a new API key', async () => {
    await watched.open('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await expectNoViolations('a new key', DIALOG);
  });

  it('of every page of a connection without data', async () => {
    await watched.open('/connections');
    for (const tab of TABS.slice(0, -1)) {
      await watched.go(`/connections/${bare}${tab}`);
      await expectNoViolations(tab, MAIN);
    }
  });

  it('of the list without matches and without connections', async () => {
    await watched.open('/connections?search=nothing-like-this');
    await page.getByRole('heading', { name: 'No matching connections' }).waitFor();
    await expectNoViolations('no match', MAIN);
    await changeUser(await console.service.tokenFor('newcomers'));
    await watched.open('/connections');
    await page.getByText('Connect your first email vendor').waitFor();
    await expectNoViolations('the first visit', MAIN);
  });

  it('of the sign-in page, before and after a failed attempt', async () => {
    await changeUser(null);
    await page.goto('/sign-in');
    await page.getByLabel('API key or token').fill('sk_not-a-key');
    await expectNoViolations('the sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key or token is not valid').waitFor();
    await expectNoViolations('a sign-in that failed', MAIN);
  });

  it('of failures to sign out and to copy, and of an edit conflict', async () => {
    await watched.open(`/connections/${full}/webhook`);
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
    await watched.go(`/connections/${id}/settings`);
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromName: 'Theirs' } });
    await page.getByLabel('From name').fill('Mine');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Someone else changed this connection').waitFor();
    await expectNoViolations('a conflict', MAIN);
  });

  describe.each(LONG ? ['loading', 'failed'] : ['failed'])('while data are %s', (state) => {
    const answerWith = (problem: { readonly status: number }) => async (route: Route) => {
      // Without a response, the page stays in its loading state.
      if (state === 'failed') await route.fulfill({ status: problem.status, json: problem });
    };
    const expectAccessible = async (paths: readonly string[]): Promise<void> => {
      for (const path of paths) {
        await page.evaluate(`__TSR_ROUTER__.navigate({ href: '${path}' })`);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        const sign = state === 'failed' ? page.getByRole('alert') : page.locator('.mantine-Skeleton-root');
        await sign.first().waitFor({ state: 'attached' });
        await expectNoViolations(`${path} ${state}`, MAIN);
      }
    };
    it('of the pages', async () => {
      await watched.open('/nowhere');
      await page.route(/\/api\/v1\/(?!session)/, answerWith(UNAVAILABLE));
      await expectAccessible(['/connections']);
      await page.route(/\/api\/v1\/(?!session)/, answerWith(FORBIDDEN));
      await expectAccessible(['/connections/new', '/api-keys', '/audit', '/suppressions', `/connections/${full}`]);
    });

    it('of the pages of a connection', async () => {
      await watched.open('/nowhere');
      await page.route(/\/api\/v1\/connections\/[^/]+\//, answerWith(FORBIDDEN));
      await expectAccessible(
        ['', '/test', '/webhook', '/events', '/used-by'].map((tab) => `/connections/${full}${tab}`),
      );
    });
  });
});
