import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SCENARIO_NAMES, scenarioOf } from '@score-crm/adapter-kit/sandbox';
import type { Locator, Page } from 'playwright-core';
import { type ConsoleUnderTest, SENDER, shareConsole, violationsOn } from '../support/console.ts';
import { type DescribedVendor, fillSettings, labelled } from '../support/connection-form.ts';
import { until, type WatchedPage } from '../support/browser.ts';
import { heapOf } from '../support/heap.ts';
import { API_VENDORS, VENDORS } from '../support/vendors.ts';

const LONG = process.env['TEST_LONG'] === '1';
const TABS = ['', '/test', '/webhook', '/events', '/used-by', '/settings'];
/** The quick run takes three vendors: their pages differ only in what the API describes. */
const WEBHOOK_VENDORS = API_VENDORS.filter((_vendor, index) => LONG || index < 3);

const LIST = `document.querySelector('[role="listbox"]')`;
const IS_LIST_IN_WINDOW = `(() => {
  const { top, bottom } = ${LIST}.parentElement.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
})()`;

/** What users do in the console, with the real service, the vendors' sandboxes and a real browser. */
describe('the console', () => {
  const shared = shareConsole(undefined, { deletedConnectionRetentionDays: 12 });
  let console: ConsoleUnderTest;
  let page: Page;
  beforeAll(() => {
    ({ console, page } = shared);
  });

  const describeVendor = async (vendor: string): Promise<DescribedVendor> =>
    (await console.service.call('GET', `/api/v1/vendors/${vendor}`)).body;

  it('signs in, stays signed in over a reload, and signs out', async () => {
    const { page } = await shared.another(null);
    await page.goto('/connections?vendor=smtp');
    await page.getByLabel('API key or token').fill('sk_not-a-valid-key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key or token is not valid').waitFor();
    await page.getByLabel('API key or token').fill(console.service.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // Back on the page that was requested first.
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    expect(new URL(page.url()).search).toBe('?vendor=smtp');
    await page.reload();
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    const stored = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(stored).not.toContain(console.service.key.slice(0, 10));
    expect(stored).not.toContain('score-session');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key or token').waitFor();
    await page.goto('/connections');
    await page.getByLabel('API key or token').waitFor();
  });

  it('reports a failed sign-out and stays on the page', async () => {
    const { page } = await shared.another();
    const path = /\/api\/v1\/session$/;
    const unavailable = { status: 503, code: 'database_unavailable', detail: 'The database cannot be reached.' };
    await page.goto('/connections');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await page.route(path, (route) => route.fulfill({ status: 503, json: unavailable }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    const failure = page.getByRole('alert').filter({ hasText: 'Could not sign out' });
    await failure.getByText('The database cannot be reached.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/connections');
    await page.unroute(path);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('API key or token').waitFor();
  });

  it('leaves the page of an organization after another tab signs in to another organization', async () => {
    const { page, context } = await shared.another();
    const other = await context.newPage();
    const tokens = { same: console.service.key, other: await console.service.tokenFor('elsewhere') };
    const signOutElsewhere = async (): Promise<void> => {
      await other.getByRole('button', { name: 'Sign out' }).click();
      await other.getByLabel('API key or token').waitFor();
    };
    const signInElsewhere = async (token: string): Promise<void> => {
      await other.getByLabel('API key or token').fill(token);
      await other.getByRole('button', { name: 'Sign in' }).click();
      await other.getByRole('heading', { name: 'SMTP' }).waitFor();
    };
    // A headless browser gives every tab the focus, so that returning to one fires no event.
    const comeBack = () => page.evaluate('dispatchEvent(new Event("focus"))');
    const organization = page.getByRole('complementary').getByTitle('default');

    await page.goto('/connections/new?vendor=smtp');
    await labelled(page, 'Name').fill('Of the first');
    await other.goto('/connections');
    await signOutElsewhere();
    await signInElsewhere(tokens.same);
    await Promise.all([page.waitForResponse(/\/session$/), comeBack()]);
    expect(await labelled(page, 'Name').inputValue()).toBe('Of the first');

    await signOutElsewhere();
    await comeBack();
    const ended = page.getByRole('dialog', { name: 'Your session has ended' });
    await ended.waitFor();
    await signInElsewhere(tokens.same);
    await comeBack();
    await ended.waitFor({ state: 'hidden' });
    expect(await labelled(page, 'Name').inputValue()).toBe('Of the first');

    await organization.waitFor();
    await signOutElsewhere();
    await signInElsewhere(tokens.other);
    await comeBack();
    await page.getByRole('complementary').getByTitle('elsewhere').waitFor();
    await page.getByText('Connect your first email vendor').waitFor();
    expect(await organization.count()).toBe(0);
  });

  it.each(VENDORS)('adds a connection to %s', async (vendor) => {
    const described = await describeVendor(vendor);
    await shared.watched.open('/connections');
    await page.getByRole('link', { name: 'Add Connection' }).first().click();
    await page.getByRole('link', { name: described.displayName, exact: true }).click();
    await labelled(page, 'Name').fill(`${described.displayName} Production`);
    await page.getByLabel('From email').fill(SENDER);
    const { settings = {} } = console.sandboxes.byVendor.get(vendor) ?? {};
    await fillSettings(page, described, settings);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `${described.displayName} Production` }).waitFor();
    const list = await console.service.call('GET', `/api/v1/connections?vendor=${vendor}`);
    expect(list.body.data).toEqual([expect.objectContaining({ vendor, fromEmail: SENDER, version: 1 })]);
  });

  it('shows errors at their fields and keeps the typed values', async () => {
    await shared.watched.open('/connections/new?vendor=smtp');
    await labelled(page, 'Name').fill('Kept');
    await page.getByLabel('From email').fill('no address');
    await page.getByRole('button', { name: 'Save' }).click();
    const host = labelled(page, 'Host');
    await expectInvalid(page.getByLabel('From email'));
    await expectInvalid(host);
    await page.getByLabel('From email').fill(SENDER);
    // Errors that only the service detects appear at their fields too.
    await host.fill('mail..example');
    await labelled(page, 'Username').fill('ada');
    await labelled(page, 'Password').fill(console.service.secret());
    await page.getByRole('button', { name: 'Save' }).click();
    await expectInvalid(host);
    expect(await labelled(page, 'Name').inputValue()).toBe('Kept');
    // Leaving asks for confirmation.
    await page.getByRole('link', { name: 'SMTP' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    expect(await labelled(page, 'Name').inputValue()).toBe('Kept');
  });

  it('shows the hint of a failed test, and passes after the settings are fixed', async () => {
    const id = await console.connect(
      'smtp',
      'Wrong password',
      console.sandboxes.byVendor.get('smtp')?.failures['authentication_failed'],
    );
    await shared.watched.open(`/connections/${id}/test`);
    await page.getByLabel('Recipients').fill('ada@recipient.example');
    await page.getByRole('button', { name: 'Send Test' }).click();
    await page.getByText('Authentication failed').first().waitFor();
    const tests = await console.service.call('GET', `/api/v1/connections/${id}/tests`);
    const { hint } = tests.body.data[0].diagnosis.error;
    await page.getByText(String(hint)).first().waitFor();

    await page
      .getByRole('navigation', { name: 'Connection', exact: true })
      .getByRole('link', { name: 'Settings' })
      .click();
    await page
      .getByRole('button', { name: /Replace/ })
      .first()
      .click();
    const { password, username } = console.sandboxes.byVendor.get('smtp')?.settings ?? {};
    await labelled(page, 'Username').fill(String(username));
    await labelled(page, 'Password').fill(String(password));
    // Tested before it is saved.
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page.getByText('Passed').first().waitFor();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    // The stored values are the tested ones.
    const outdated = page.getByText('The form has changed since this test.');
    expect(await outdated.count()).toBe(0);
    await labelled(page, 'From name').fill('Another sender');
    await outdated.waitFor();
    await labelled(page, 'From name').fill('');
    await outdated.waitFor({ state: 'hidden' });

    await page.getByRole('navigation', { name: 'Connection', exact: true }).getByRole('link', { name: 'Test' }).click();
    await page.getByLabel('Recipients').fill('ada@recipient.example');
    await page.getByRole('button', { name: 'Send Test' }).click();
    await page.getByRole('button', { name: /^Passed ?Sent to ada@recipient\.example/ }).click();
    await page.getByText(/^Tested on \w+ \d+, \d{4}/).waitFor();
    expect(console.sandboxes.byVendor.get('smtp')?.mails.at(-1)).toMatchObject({
      recipients: ['ada@recipient.example'],
    });
  });

  it('shows the changes of another user, and saves over them', async () => {
    const id = await console.connect('sendgrid', 'Shared');
    const other = await shared.another();
    const [mine, theirs] = [page, other.page];
    for (const watched of [shared.watched, other]) await watched.open(`/connections/${id}/settings`);
    await labelled(mine, 'Name').fill('Mine');
    await labelled(mine, 'From name').fill('My news');
    await labelled(theirs, 'Name').fill('Theirs');
    await labelled(theirs, 'From email').fill('theirs@sender.example');
    await theirs.getByRole('button', { name: 'Save changes' }).click();
    await theirs.getByText('Changes saved').waitFor();

    await mine.getByRole('button', { name: 'Save changes' }).click();
    const conflict = conflictOn(mine);
    await conflict.getByText('theirs@sender.example').waitFor();
    await conflict.getByText('Theirs · you changed this too; saving replaces it').waitFor();
    expect(await labelled(mine, 'Name').inputValue()).toBe('Mine');
    await conflict.getByRole('button', { name: 'Keep my changes' }).click();
    await conflict.waitFor({ state: 'hidden' });
    expect(await mine.getByLabel('From email').inputValue()).toBe('theirs@sender.example');
    await mine.getByRole('button', { name: 'Save changes' }).click();
    await mine.getByText('Changes saved').waitFor();
    const { body } = await console.service.call('GET', `/api/v1/connections/${id}`);
    expect(body).toMatchObject({ name: 'Mine', fromEmail: 'theirs@sender.example', fromName: 'My news', version: 3 });

    // The alternative discards all own changes.
    await labelled(theirs, 'Name').fill('Theirs again');
    await theirs.getByRole('button', { name: 'Save changes' }).click();
    await conflictOn(theirs).getByRole('button', { name: 'Discard my changes' }).click();
    await conflictOn(theirs).waitFor({ state: 'hidden' });
    expect(await labelled(theirs, 'Name').inputValue()).toBe('Mine');
  });

  it('removes typed secrets from memory after they are stored', async () => {
    const id = await console.connect('smtp', 'With a new password');
    const token = console.service.key;
    // The heap holds the pages of all tabs, and takes longer to write for each.
    await shared.page.goto('about:blank');
    const { page } = await shared.another(null);
    await page.goto(`/connections/${id}/settings`);
    await page.getByLabel('API key or token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Replace' }).click();
    const secret = console.service.secret();
    // JSON escapes the rest of it.
    const [typed = ''] = secret.split('/');
    await labelled(page, 'Password').fill(secret);
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await page.getByText('Test failed').first().waitFor();
    expect(await heapOf(page)).toContain(typed);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    // The browser keeps the last rendering until the next ones.
    for (const name of ['One', 'Two', 'Three']) await labelled(page, 'From name').fill(name);
    const heap = await heapOf(page);
    expect([heap.includes(typed), heap.includes(token)]).toEqual([false, false]);
    // Writing all memory down twice takes longer than anything else here.
  }, 600_000);

  it.each(WEBHOOK_VENDORS)(
    'tests a connection to %s, sets up its webhook, and shows every kind of event as it arrives',
    async (vendor) => {
      const id = await console.connect(vendor, `Webhook of ${vendor}`);
      // The same addresses bounce at every vendor.
      const unchecked = { body: { checkSuppressions: false } };
      expect((await console.service.call('PATCH', `/api/v1/connections/${id}`, unchecked)).status).toBe(200);
      const { capabilities } = await describeVendor(vendor);
      const sandbox = console.sandboxes.byVendor.get(vendor);
      await shared.watched.open(`/connections/${id}/webhook`);
      await page.getByRole('button', { name: 'Set up automatically' }).click();
      await page.getByRole('button', { name: /^Remove from/ }).waitFor();
      expect(sandbox?.webhooks.some(({ url }) => url.includes(id))).toBe(true);

      const tabs = page.getByRole('navigation', { name: 'Connection', exact: true });
      await tabs.getByRole('link', { name: 'Test' }).click();
      await page.getByLabel('Recipients').fill('tester@recipient.example');
      await page.getByRole('button', { name: 'Send Test' }).click();
      await page.getByText('Test passed').first().waitFor();

      await tabs.getByRole('link', { name: 'Events' }).click();
      let messageId = '';
      for (const name of ['bounce', 'drop', 'defer', 'complaint', 'unsubscribe', 'click']) {
        const to = [{ email: `${name}@recipient.example` }];
        const body = { to, subject: 'Hello', html: '<a href="https://x.example">x</a>' };
        const sent = await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
        expect(sent.status).toBe(202);
        messageId = String(sent.body.messageId);
      }
      await sandbox?.settled();
      // The page of the first vendor has to load the events by itself.
      if (vendor !== WEBHOOK_VENDORS[0]) await shared.watched.refresh();
      const simulated = new Set<string>(SCENARIO_NAMES.flatMap((name) => scenarioOf(name).map(({ kind }) => kind)));
      const kinds = capabilities.events.filter((kind) => simulated.has(kind));
      for (const kind of ['sent', ...kinds]) {
        const label = kind.charAt(0).toUpperCase() + kind.slice(1);
        await page.getByText(label, { exact: true }).first().waitFor();
      }
      await page.getByRole('link', { name: 'click@recipient.example, Clicked: open' }).click();
      await page.getByRole('dialog').getByText(messageId).first().waitFor();
    },
  );

  it('updates the counts while the page is open, and shows no rate without the capabilities', async () => {
    const id = await console.connect('sendgrid', 'Counted');
    await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
    const count = (kind: string) => page.getByRole('main').locator('dt', { hasText: kind }).locator('xpath=../dd');
    await shared.watched.open(`/connections/${id}`);
    await count('Delivered').getByText('0 of 0 sent').waitFor();
    const body = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
    await console.sandboxes.settled();
    await count('Delivered').getByText('1 of 1 sent').waitFor();
    // The exact time is available without a pointer too.
    await count('Last webhook event')
      .getByText(/^just now · \w+ \d+, \d{4}, \d+:\d\d:\d\d/)
      .waitFor();

    await page.route(/\/api\/v1\/vendors$/, (route) => route.fulfill({ status: 503, json: { status: 503 } }));
    await page.reload();
    const failure = page.getByRole('alert').filter({ hasText: 'Could not load the vendor’s capabilities' });
    await failure.waitFor();
    await count('Delivered').getByText('1 of 1 sent').waitFor();
    expect(await page.getByText('This vendor does not report').count()).toBe(0);
    await page.unroute(/\/api\/v1\/vendors$/);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await count('Bounced').getByText('0 of 1 sent').waitFor();
  });

  it('deletes a connection only after the campaign that uses it has released it', async () => {
    const id = await console.connect('mailgun', 'In use');
    const usage = `/api/v1/connections/${id}/usages/campaign/42`;
    await console.service.call('PUT', usage, { body: { name: 'Spring sale', status: 'running' } });
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Delete/ });
    await dialog.getByText('Spring sale').waitFor();
    await dialog.getByText('Running', { exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete', exact: true }).count()).toBe(0);
    await console.service.call('DELETE', usage);
    await dialog.getByRole('button', { name: 'Check again' }).click();
    await dialog.getByText('12 days').waitFor();
    await dialog.getByLabel(/to confirm/).fill('In us');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('The name doesn’t match.').waitFor();
    await dialog.getByLabel(/to confirm/).fill('In use');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    expect((await console.service.call('GET', `/api/v1/connections/${id}`)).status).toBe(404);
  });

  it('moves the campaigns of a connection to another one, then deletes it', async () => {
    const id = await console.connect('mailgun', 'Moved from');
    const target = await console.connect('mailgun', 'Moved to');
    const disabled = await console.connect('mailgun', 'Moved nowhere');
    await console.service.call('POST', `/api/v1/connections/${disabled}/disable`);
    const usage = { name: 'Autumn sale', status: 'running' };
    await console.service.call('PUT', `/api/v1/connections/${id}/usages/campaign/43`, { body: usage });
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Delete/ });
    // Too small for the list: it scrolls, because the page behind the dialog does not.
    await page.setViewportSize({ width: 375, height: 480 });
    await dialog.getByRole('button', { name: 'Move…' }).click();
    await page.getByRole('option').filter({ hasText: 'Moved to' }).waitFor();
    await until(page, IS_LIST_IN_WINDOW);
    expect(await page.evaluate(`${LIST}.scrollHeight > ${LIST}.clientHeight`)).toBe(true);
    await page.setViewportSize({ width: 1280, height: 800 });
    await dialog.getByLabel('Move to').fill('Moved');
    const option = page.getByRole('option').filter({ hasText: 'Moved to' });
    await option.waitFor();
    for (const name of ['Moved from', 'Moved nowhere']) {
      expect(await page.getByRole('option').filter({ hasText: name }).count()).toBe(0);
    }
    await option.click();
    expect(await violationsOn(page, 'light', '[role="dialog"]')).toEqual([]);
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.getByLabel(/to confirm/).fill('Moved from');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    const { body } = await console.service.call('GET', `/api/v1/connections/${target}/usages`);
    expect(body.data).toMatchObject([{ ref: '43', name: 'Autumn sale', active: true }]);
  });

  it('redirects the emails of a connection, and shows it in the list and on its page', async () => {
    const id = await console.connect('mailgun', 'Staging');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await page.getByRole('combobox', { name: 'Mode' }).click();
    await page.getByRole('option', { name: 'Redirect' }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Enter the address that receives all emails.').first().waitFor();
    await page.getByLabel('Redirect to').fill('staging@sender.example');
    await page.getByText('Redirected to staging@sender.example: test messages go there').waitFor();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    await page.getByRole('banner').or(page.locator('header')).getByText('Redirect', { exact: true }).first().waitFor();
    expect((await console.service.call('GET', `/api/v1/connections/${id}`)).body).toMatchObject({
      mode: 'redirect',
      redirectTo: 'staging@sender.example',
    });
    await shared.watched.go('/connections');
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Staging', exact: true }) });
    await row.getByText('Redirect', { exact: true }).waitFor();
  });

  it('says before and after a test where its messages go', async () => {
    const modes = [
      [
        { mode: 'redirect', redirectTo: 'staging@sender.example' },
        'Redirected to staging@sender.example: test messages go there, not to the recipients.',
        'Redirected to staging@sender.example, which accepted the test message.',
      ],
      [
        { mode: 'drop' },
        'Dropped: nothing is sent. The test only checks the connection.',
        'Dropped: nothing was sent. The connection works.',
      ],
    ] as const;
    const id = await console.connect('mailgun', 'Tested in staging');
    for (const [body, notice, result] of modes) {
      await console.service.call('PATCH', `/api/v1/connections/${id}`, { body });
      await shared.watched.reset();
      await shared.watched.open(`/connections/${id}/test`);
      await page.getByRole('status').getByText(notice).waitFor();
      await page.getByLabel('Recipients').fill('ada@recipient.example');
      await page.getByRole('button', { name: 'Send Test' }).click();
      await page.getByRole('main').getByText(result, { exact: true }).waitFor();
    }
    await shared.watched.settled();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme, 'main')).toEqual([]);
  });

  it('shows on every page that the service redirects or drops emails', async () => {
    const session = await (await page.request.get('/api/v1/session')).json();
    const banner = page.getByRole('region', { name: 'Sending mode' });
    for (const [sendingMode, text] of [
      ['redirect', 'All emails of this service go to staging@sender.example, not to their recipients.'],
      ['drop', 'No emails are sent: this service drops them.'],
    ] as const) {
      const body = { ...session, sendingMode, sendingRedirectTo: 'staging@sender.example' };
      await page.route('**/api/v1/session', (route) => route.fulfill({ json: body }));
      await shared.watched.visit('/connections');
      await banner.getByText(text).waitFor();
      await page.unroute('**/api/v1/session');
    }
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);
  });

  it('adds senders with addresses for replies, and offers them for a test', async () => {
    const id = await console.connect('mailgun', 'Many senders');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByLabel('Reply-to').fill('help@sender.example');
    await page.getByRole('button', { name: 'Add sender' }).click();
    const added = page.getByRole('group', { name: 'Sender 2' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Enter the address of each sender, or remove it.').waitFor();
    await added.getByLabel('Email').fill('shop@sender.example');
    await added.getByLabel('Name').fill('Shop');
    await added.getByLabel('Reply-to').fill('orders@sender.example');
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme, 'main')).toEqual([]);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    const stored = async () => (await console.service.call('GET', `/api/v1/connections/${id}`)).body.senders;
    expect(await stored()).toEqual([
      { email: SENDER, replyTo: 'help@sender.example' },
      { email: 'shop@sender.example', name: 'Shop', replyTo: 'orders@sender.example' },
    ]);
    await shared.watched.go(`/connections/${id}/test`);
    await page.getByText('Replies go to help@sender.example.').waitFor();
    await page.getByRole('combobox', { name: 'From email' }).or(page.getByLabel('From email')).first().click();
    await page.getByRole('option', { name: 'shop@sender.example' }).click();
    await page.getByText('Replies go to orders@sender.example.').waitFor();
    expect(await page.getByLabel('From name').inputValue()).toBe('Shop');
    await shared.watched.go(`/connections/${id}/settings`);
    await page.getByRole('button', { name: 'Remove sender 2' }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').first().waitFor();
    await shared.watched.settled();
    expect(await stored()).toEqual([{ email: SENDER, replyTo: 'help@sender.example' }]);
  });

  it('asks to sign in again over the page, and keeps the typed values', async () => {
    const created = await console.service.call('POST', '/api/v1/api-keys', {
      body: { name: 'Short', scope: 'manage' },
    });
    const key = console.service.watch(String(created.body.key));
    // This response contains the key, because it is shown once.
    console.service.responses.splice(-1);
    const { page } = await shared.another(key);
    await page.goto('/connections/new?vendor=smtp');
    // The form searches for the same name. Before the key is revoked, so that saving is the first request that fails.
    const searched = page.waitForResponse(/\/api\/v1\/connections\?search=/);
    await labelled(page, 'Name').fill('Still here');
    await searched;
    await console.service.call('DELETE', `/api/v1/api-keys/${String(created.body.id)}`);
    await labelled(page, 'Host').fill('mail.example');
    await labelled(page, 'Username').fill('ada');
    await labelled(page, 'Password').fill(console.service.secret());
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('API key or token').fill(console.service.key);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await labelled(page, 'Name').inputValue()).toBe('Still here');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Still here' }).waitFor();
  });

  it('creates an API key, shows it once, and revokes it', async () => {
    await shared.watched.open('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Campaign service');
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByRole('button', { name: 'Copy: API key' }).click();
    const key = console.service.watch(await page.evaluate<string>('navigator.clipboard.readText()'));
    const session = await console.service.call('GET', '/api/v1/session', { token: key });
    expect(session.body).toMatchObject({ scope: 'send', connectionIds: null });
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: 'Revoke Campaign service' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('Campaign service revoked').waitFor();
    expect((await console.service.call('GET', '/api/v1/session', { token: key })).status).toBe(401);
  });

  it('restricts an API key to connections, and a connection to sender domains', async () => {
    const id = await console.connect('smtp', 'For one key');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await labelled(page, 'Allowed sender domains').fill('sender.example, *');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('“*” is not a domain.').waitFor();
    await labelled(page, 'Allowed sender domains').fill('Sender.example, *.sender.example');
    const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
    await page.getByRole('button', { name: 'Save' }).click();
    await saved;
    const stored = (await console.service.call('GET', `/api/v1/connections/${id}`)).body;
    expect(stored.allowedSenderDomains).toEqual(['sender.example', '*.sender.example']);
    await shared.watched.go('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('One connection');
    await dialog.getByLabel('Connections').fill('For one');
    await page.getByRole('option', { name: 'For one key' }).click();
    // The list stays open for further selections until the field loses focus.
    await page.keyboard.press('Tab');
    await page.getByRole('option').waitFor({ state: 'hidden' });
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByRole('button', { name: 'Copy: API key' }).click();
    const key = console.service.watch(await page.evaluate<string>('navigator.clipboard.readText()'));
    const session = await console.service.call('GET', '/api/v1/session', { token: key });
    expect(session.body.connectionIds).toEqual([id]);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('only 1 connection').waitFor();
  });

  describe('for a read-only user', () => {
    let reader: WatchedPage;
    let traffic: string[];
    beforeAll(async () => {
      reader = await console.signedIn(await console.service.tokenFor('default', 'read'));
      traffic = reader.recordTraffic();
    });
    afterEach(() => reader.reset());
    afterAll(async () => {
      reader.assertNoFaults();
      await reader.close();
    });

    it.each(VENDORS)('shows everything of %s except secrets, and no action that would fail', async (vendor) => {
      const id = await console.connect(vendor, `Read-only ${vendor}`);
      // The other tabs have nothing of the vendor.
      const tabs = vendor === VENDORS[0] || LONG ? TABS : ['', '/webhook', '/settings'];
      await reader.open(`/connections/${id}`);
      await expectNoWriteActions(
        tabs.map((tab) => `/connections/${id}${tab}`),
        (path) => reader.openTab(path),
      );
    });

    it('shows the pages of all connections, and no action that would fail', async () => {
      await reader.open('/connections');
      await expectNoWriteActions(
        ['/connections', '/connections/new', '/connections/new?vendor=smtp', '/api-keys'],
        (path) => reader.go(path),
      );
    });

    /** Opens pages, and expects no control that writes and no secret in what was loaded. */
    async function expectNoWriteActions(
      paths: readonly string[],
      open: (path: string) => Promise<void>,
    ): Promise<void> {
      const { page } = reader;
      const stored = VENDORS.flatMap((vendor) => Object.values(console.sandboxes.byVendor.get(vendor)?.settings ?? {}));
      for (const path of paths) {
        await open(path);
        const buttons = await page.getByRole('main').getByRole('button').allTextContents();
        const links = await page.getByRole('main').getByRole('link').allTextContents();
        const writes = /^(add|save|delete|send test|test connection|test without|replace|revoke|create|set up|remove)/i;
        expect([path, [...buttons, ...links].filter((text) => writes.test(text.trim()))]).toEqual([path, []]);
        traffic.push(await page.content());
      }
      const secrets = await secretsAmong(console, stored);
      expect(secrets.length).toBeGreaterThanOrEqual(VENDORS.length);
      for (const secret of secrets) expect(traffic.filter((text) => text.includes(secret))).toEqual([]);
      traffic.length = 0;
    }
  });
});

/** The values among the sandboxes' settings that the vendors declare as secret. */
async function secretsAmong(console: ConsoleUnderTest, values: readonly unknown[]): Promise<string[]> {
  const { body } = await console.service.call('GET', '/api/v1/vendors');
  const declared: string[] = body.data.flatMap(({ vendor, fields }: any) => {
    const settings: Readonly<Record<string, unknown>> = console.sandboxes.byVendor.get(vendor)?.settings ?? {};
    return fields.filter(({ secret }: any) => secret).map(({ name }: any) => settings[name]);
  });
  return declared.filter((value) => value !== undefined && values.includes(value)).map(String);
}

function conflictOn(page: WatchedPage['page']): Locator {
  return page.getByRole('alert').filter({ hasText: 'Someone else changed this connection' });
}

async function expectInvalid(input: ReturnType<WatchedPage['page']['getByLabel']>): Promise<void> {
  await input.and(input.page().locator('[aria-invalid="true"]')).waitFor();
}
