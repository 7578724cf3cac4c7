import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../support/browser.ts';
import { labelled } from '../support/connection-form.ts';
import { type ConsoleUnderTest, SENDER, shareConsole } from '../support/console.ts';
import { KeyboardUser } from '../support/keyboard.ts';

/** Every flow once, without a mouse. */
describe('the console by keyboard only', () => {
  const shared = shareConsole();
  let console: ConsoleUnderTest;
  let page: Page;
  let user: KeyboardUser;
  beforeEach(() => {
    ({ console, page } = shared);
    user = new KeyboardUser(page);
  });
  /** The test has a page with its own session, which it ends or replaces. */
  const useOwnPage = async (token?: string): Promise<void> => {
    ({ page } = await shared.another(token));
    user = new KeyboardUser(page);
  };

  /** A dialog takes the focus when it is mounted and again when it is drawn. */
  const dialogWithFocus = async (): Promise<void> => {
    await until(page, `document.activeElement.closest('[role="dialog"]') !== null`);
    // Frames are late on a busy machine.
    await page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => setTimeout(done, 50)))))',
    );
  };
  const focusedId = () => page.evaluate<string>('document.activeElement.id');
  const toTab = async (name: string): Promise<void> => {
    // The tabs are above the content, which has the focus.
    await user.activateBefore(name);
    await page
      .getByRole('navigation', { name: 'Connection', exact: true })
      .getByRole('link', { name, exact: true })
      .and(page.locator('[aria-current="page"]'))
      .waitFor();
  };

  it('signs in, and skips to the content', async () => {
    await useOwnPage();
    await page.context().clearCookies();
    await page.goto('/connections');
    await page.getByLabel('API key or token').waitFor();
    await user.fill('API key or token', console.service.key);
    await user.press('Enter');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await user.activate('Skip to content');
    await user.press('Tab');
    expect(await page.evaluate<boolean>(`document.querySelector('main').contains(document.activeElement)`)).toBe(true);
  });

  it('skips to the content of a form without leaving it', async () => {
    await shared.watched.open('/connections/new?vendor=smtp');
    await page.getByRole('heading', { name: /Generic SMTP/ }).waitFor();
    await user.fill('Name', 'Still here');
    await page.getByRole('link', { name: 'Skip to content' }).focus();
    await user.press('Enter');
    expect(await focusedId()).toBe('main');
    // By its URL too, which screen readers use from their list of links.
    await page.evaluate(`location.hash = 'main'`);
    await user.fill('Name', 'Still here, and changed');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe('/connections/new');
  });

  it('closes only the uppermost dialog with Escape, and never the one with a new API key', async () => {
    const created = 'Copied manually';
    await useOwnPage();
    await page.goto('/api-keys');
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await user.activate('Create API key');
    const dialog = page.getByRole('dialog', { name: 'Create API key' });
    await dialog.getByLabel('Name').waitFor();
    await user.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await user.activate('Create API key');
    await dialog.getByLabel('Name').waitFor();
    await user.fill('Name', created);
    await user.activate('Create API key');
    const shown = page.getByRole('dialog', { name: 'Your new API key' });
    await shown.getByRole('group', { name: 'API key' }).waitFor();
    console.service.watch((await shown.locator('code').textContent()) ?? '');
    await user.press('Escape');
    await page.context().clearCookies();
    await page.evaluate('dispatchEvent(new Event("focus"))');
    const ended = page.getByRole('dialog', { name: 'Your session has ended' });
    await ended.waitFor();
    await user.press('Escape');
    await user.fill('API key or token', console.service.key);
    await user.press('Enter');
    await ended.waitFor({ state: 'hidden' });
    await user.activate('Done');
    await shown.waitFor({ state: 'hidden' });
  });

  it('keeps a dialog and its values when the session ends', async () => {
    await useOwnPage();
    const ended = page.getByRole('dialog', { name: 'Your session has ended' });
    await console.connect('mailgun', 'Not tested yet');
    await page.goto('/connections');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await user.activate('Test Connection');
    const test = page.getByRole('dialog', { name: 'Test Connection' });
    await dialogWithFocus();
    await user.fill('Recipients', 'ada@recipient.example');
    await user.press('Enter');
    await page.context().clearCookies();
    await page.evaluate('dispatchEvent(new Event("focus"))');
    await ended.waitFor();
    await user.press('Escape');
    await test.getByText('ada@recipient.example').waitFor();
  });

  it('adds a connection, tests it before saving, and changes it', async () => {
    const { settings = {} } = console.sandboxes.byVendor.get('smtp') ?? {};
    await shared.watched.open('/connections');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await user.activate('Add Connection');
    await user.activate('Generic SMTP');
    await page.getByRole('heading', { name: /Generic SMTP/ }).waitFor();
    await user.fill('Name', 'Typed');
    await user.fill('From email', SENDER);
    await user.fill('Host', String(settings['host']));
    await user.fill('Port', String(settings['port']));
    if (settings['secure'] === false) await user.activate('Secure (TLS/SSL)', 'Space');
    await user.fill('Username', String(settings['username']));
    await user.fill('Password', String(settings['password']));
    await user.activate('Test Connection');
    await page.getByText('Passed').first().waitFor();
    await user.activate('Save');
    await page.getByRole('heading', { name: 'Typed' }).waitFor();
    await toTab('Settings');
    await user.fill('From name', 'By hand');
    await user.activate('Save changes');
    await page.getByText('Changes saved').waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?search=Typed');
    expect(body.data).toMatchObject([{ name: 'Typed', fromName: 'By hand', version: 2 }]);
  });

  it('moves focus and title with each page', async () => {
    const id = await console.connect('sendgrid', 'Opened');
    await shared.watched.open('/connections');
    await page.getByRole('link', { name: 'Opened' }).waitFor();
    await user.activate('Add Connection');
    await page.getByRole('heading', { name: 'Add connection' }).waitFor();
    expect([await page.title(), await focusedId()]).toEqual(['Add connection · Score connections', 'main']);
    await user.activate('SendGrid');
    await page.getByRole('heading', { name: 'Add SendGrid' }).waitFor();
    // The form starts with its first field, not with the top of the page.
    await page.locator('input:focus').and(labelled(page, 'Name')).waitFor();
    await user.activateBefore('Choose another vendor');
    await user.activateBefore('SMTP');
    await page.getByRole('heading', { name: 'SMTP', exact: true }).waitFor();
    await user.activate('Opened');
    await page.getByRole('heading', { name: 'Opened' }).waitFor();
    expect([await page.title(), await focusedId()]).toEqual(['Overview · Opened · Score connections', 'main']);
    // The focus stays in the tabs.
    await toTab('Events');
    expect(await page.title()).toBe('Events · Opened · Score connections');
    expect(await page.evaluate<string>('document.activeElement.pathname')).toBe(`/connections/${id}/events`);
  });

  const status = (text: string) => page.getByRole('status').filter({ hasText: text });
  const alert = (text: string) => page.getByRole('alert').filter({ hasText: text });

  it('announces lists without matches', async () => {
    const id = await console.connect('sendgrid', 'Announced');
    await shared.watched.open('/connections');
    await page.getByRole('link', { name: 'Announced' }).waitFor();
    await user.fill('Search connections', 'nothing like this');
    await status('No results').waitFor();
    await shared.watched.go(`/connections/${id}/events?recipient=nobody@recipient.example`);
    await status('No matching events').waitFor();
  });

  it('announces whether a value was copied', async () => {
    const id = await console.connect('sendgrid', 'With a URL');
    await shared.watched.open(`/connections/${id}/webhook`);
    await user.activate('Copy: Webhook URL');
    await status('Copied').waitFor();
    // As over plain HTTP, where pages may not copy.
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))');
    await user.press('Enter');
    await status('Select the text and copy it manually').waitFor();
    const shown = await page.getByRole('group', { name: 'Webhook URL' }).locator('code').textContent();
    expect(await page.evaluate<string>('String(getSelection())')).toBe(shown);
    // Only the next document can copy.
    await page.goto('about:blank');
  });

  it('announces a wrong name on deletion, and stays in the field', async () => {
    const id = await console.connect('sendgrid', 'Kept');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('heading', { name: 'Kept' }).waitFor();
    await user.activate(/^Delete/);
    await user.fill(/to confirm/, 'Kep');
    await user.activate('Delete');
    await alert('The name doesn’t match.').waitFor();
    await user.type('Kept');
    expect(
      await page
        .getByRole('dialog')
        .getByLabel(/to confirm/)
        .inputValue(),
    ).toBe('Kept');
  });

  it('announces errors of a new API key and of the sign-in, and stays in the field', async () => {
    await shared.watched.open('/api-keys');
    await user.activate('Create API key');
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await user.fill('Name', 'x'.repeat(300));
    await user.activate('Create API key');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await user.type('Short enough');
    expect(await page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('Short enough');

    await page.goto('/sign-in');
    await user.fill('API key or token', 'sk_not-valid');
    await user.activate('Sign in');
    await alert('This key or token is not valid').waitFor();
    await user.type('sk_also-not-valid');
    expect(await page.getByLabel('API key or token').inputValue()).toBe('sk_also-not-valid');
  });

  it('keeps the focus on the pager while a page of the list loads', async () => {
    const token = await console.service.tokenFor('many');
    const { settings } = console.sandboxes.byVendor.get('mailgun') ?? {};
    for (let number = 1; number <= 27; number++) {
      const body = { vendor: 'mailgun', name: `Number ${String(number)}`, settings };
      await console.service.call('POST', '/api/v1/connections', { token, body });
    }
    await useOwnPage(token);
    await page.goto('/connections');
    await page.getByRole('link', { name: 'Number 27' }).waitFor();
    // Slow enough to check the page while it loads.
    await page.route(/cursor=/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const pages = page.getByRole('navigation', { name: 'Pages' });
    const next = pages.getByRole('link', { name: 'Next' });
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    // It is the last element of the page.
    await user.activateBefore('Next');
    await page.locator('[data-stale="true"]').getByRole('link', { name: 'Number 27' }).waitFor();
    expect(await focused()).toBe('Next');
    await pages.getByText('Page 2').waitFor();
    await page.getByRole('link', { name: 'Number 1', exact: true }).waitFor();
    // It stays focusable although there is no next page.
    expect(await next.getAttribute('aria-disabled')).toBe('true');
    await user.press('Enter');
    expect(await focused()).toBe('Next');
    await user.press('Shift+Tab', 'Enter');
    await pages.getByText('Page 1').waitFor();
    await page.getByRole('link', { name: 'Number 27' }).waitFor();
    expect(await focused()).toBe('Previous');
  });

  it('keeps the focused element below the top bar of a narrow screen', async () => {
    const id = await console.connect('smtp', 'On a phone');
    await page.setViewportSize({ width: 360, height: 560 });
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: /^Delete/ }).focus();
    const bar = await page.getByRole('banner').first().boundingBox();
    const passed: string[] = [];
    while (await page.evaluate<boolean>(`document.querySelector('main').contains(document.activeElement)`)) {
      const [name, top] = await page.evaluate<[string, number]>(
        '[document.activeElement.textContent, document.activeElement.getBoundingClientRect().top]',
      );
      expect([passed.length, name, top >= (bar?.height ?? Infinity)]).toEqual([passed.length, name, true]);
      passed.push(name);
      await user.press('Shift+Tab');
    }
    expect(passed.length).toBeGreaterThan(8);
  });

  it('sends a test from the list', async () => {
    await console.connect('sendgrid', 'Picked');
    await shared.watched.open('/connections');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    await user.activate('Test Connection');
    const dialog = page.getByRole('dialog');
    await dialogWithFocus();
    await user.fill('Connection', 'Picked');
    await page.getByRole('option', { name: /Picked/ }).waitFor();
    await user.press('ArrowDown', 'Enter');
    await user.fill('Recipients', 'ada@recipient.example');
    await user.press('Enter');
    await user.activate('Send Test');
    await dialog.getByText('Passed').first().waitFor();
    await user.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    // The focus is back on the button.
    await user.goTo('Test Connection');
  });

  it('fixes the settings after a failed test, and passes', async () => {
    const { settings = {}, failures } = console.sandboxes.byVendor.get('smtp') ?? {};
    const id = await console.connect('smtp', 'Wrong password', failures?.['authentication_failed']);
    await shared.watched.open(`/connections/${id}/test`);
    await page.getByRole('heading', { name: 'Wrong password' }).waitFor();
    await user.fill('Recipients', 'ada@recipient.example');
    await user.press('Enter');
    await user.activate('Send Test');
    const result = page.getByRole('status').filter({ hasText: 'Test failed' });
    await result.getByText('Authentication failed').waitFor();
    await user.activate('Fix settings');
    await page.getByRole('heading', { name: 'Test before saving' }).waitFor();
    await user.fill('Username', String(settings['username']));
    await user.activate('Replace');
    await user.fill('Password', String(settings['password']));
    await user.activate('Test Connection');
    await page.getByRole('status').filter({ hasText: 'Test passed' }).waitFor();
    await user.activate('Save changes');
    await page.getByText('Changes saved').waitFor();
    await toTab('Test');
    await user.fill('Recipients', 'ada@recipient.example');
    await user.press('Enter');
    await user.activate('Send Test');
    await page.getByRole('button', { name: /^Passed ?Sent to ada@recipient\.example/ }).waitFor();
  });

  it('sets up a webhook, and opens an event', async () => {
    const id = await console.connect('sparkpost', 'With a webhook');
    await shared.watched.open(`/connections/${id}`);
    await page.getByRole('heading', { name: 'With a webhook' }).waitFor();
    await toTab('Webhook');
    await user.activate('Set up automatically');
    await page.getByRole('button', { name: /^Remove from/ }).waitFor();
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, {
      body: { to: [{ email: 'bounce@recipient.example' }], subject: 'Hello', text: 'Hello' },
    });
    await console.sandboxes.settled();
    await toTab('Events');
    await user.activate('bounce@recipient.example, Bounced: open');
    const details = page.getByRole('dialog');
    await details.getByText('hard', { exact: false }).first().waitFor();
    await user.press('Escape');
    await details.waitFor({ state: 'hidden' });
    await user.goTo('bounce@recipient.example, Bounced: open');
    await toTab('Webhook');
    await user.activate(/^Remove from/);
    await dialogWithFocus();
    await user.activate('Remove');
    await page.getByRole('button', { name: 'Set up automatically' }).waitFor();
  });

  it('lists what uses a connection, and deletes it after its release', async () => {
    const id = await console.connect('smtpcom', 'Needed');
    const usage = `/api/v1/connections/${id}/usages/journey/7`;
    await console.service.call('PUT', usage, { body: { name: 'Welcome', status: 'running' } });
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('heading', { name: 'Needed' }).waitFor();
    await user.activate(/^Delete/);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Welcome').waitFor();
    await dialogWithFocus();
    await console.service.call('DELETE', usage);
    await user.activate('Check again');
    await dialog.getByLabel(/to confirm/).waitFor();
    await user.fill(/to confirm/, 'Needed');
    await user.press('Enter');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    expect((await console.service.call('GET', `/api/v1/connections/${id}`)).status).toBe(404);
    expect(await focusedId()).toBe('main');
  });

  it('deletes a connection', async () => {
    const id = await console.connect('smtpcom', 'To be deleted');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('heading', { name: 'To be deleted' }).waitFor();
    await user.activate(/^Delete/);
    await page
      .getByRole('dialog')
      .getByLabel(/to confirm/)
      .waitFor();
    await user.fill(/to confirm/, 'To be deleted');
    await user.press('Enter');
    await page.getByRole('heading', { name: 'SMTP' }).waitFor();
    expect((await console.service.call('GET', `/api/v1/connections/${id}`)).status).toBe(404);
  });

  it('creates an API key and revokes it', async () => {
    await shared.watched.open('/api-keys');
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await user.activate('Create API key');
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await user.fill('Name', 'By keyboard');
    await user.goTo('Send');
    await user.press('ArrowUp');
    await user.activate('Create API key');
    await page.getByRole('dialog').getByRole('group', { name: 'API key' }).waitFor();
    console.service.watch((await page.getByRole('dialog').locator('code').textContent()) ?? '');
    await user.activate('Done');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const { body } = await console.service.call('GET', '/api/v1/api-keys');
    expect(body.data).toContainEqual(expect.objectContaining({ name: 'By keyboard', scope: 'read' }));
    await user.activate('Revoke By keyboard');
    await dialogWithFocus();
    await user.activate('Revoke');
    await page.getByText('By keyboard revoked').waitFor();
  });
});
