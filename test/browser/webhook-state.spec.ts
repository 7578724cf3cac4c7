import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ConsoleUnderTest } from '../support/console.ts';

/** The state of a webhook in the console, and the way to its setup. */
describe('the webhook of a connection', () => {
  let console: ConsoleUnderTest;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
  });
  afterAll(() => console.stop());

  const fact = (page: Page, name: string) =>
    page
      .getByRole('main')
      .locator('dl > div')
      .filter({ has: page.locator(`dt:text-is("${name}")`) });
  const listedState = async (id: string): Promise<unknown> =>
    (await console.service.call('GET', `/api/v1/connections/${id}`)).body.webhook.state;

  it.each(['sparkpost', 'smtpcom'])('is not set up for a new connection of %s', async (vendor) => {
    const id = await console.connect(vendor, 'New');
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${id}`);
    const step = page.getByRole('list', { name: 'What to do next' }).getByText('Set up the webhook');
    await step.waitFor();
    await fact(page, 'Webhook').getByText('Not set up').waitFor();
    await page.getByRole('link', { name: 'Set up', exact: true }).click();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Send a test message' }).count()).toBe(0);

    await page.getByRole('button', { name: 'Set up automatically' }).click();
    await page.getByRole('button', { name: /^Remove from/ }).waitFor();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor({ state: 'hidden' });
    watched.assertNoFaults();
    await watched.close();
  });

  it('is not set up immediately after it is removed, on its page, in the list and in the API', async () => {
    const id = await console.connect('sendgrid', 'Removed');
    await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body: message });
    await console.sandboxes.settled();
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${id}/webhook`);
    await page.getByText('Receiving events from SendGrid.').waitFor();
    await page.getByRole('button', { name: 'Remove from SendGrid' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Set up automatically' }).waitFor();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor();
    expect(await page.getByText('Receiving events from SendGrid.').count()).toBe(0);
    expect(await listedState(id)).toBe('not_set_up');
    await page.goto('/connections?search=Removed');
    const row = page.getByRole('row').filter({ hasText: 'Removed' });
    await row.getByText('Not set up').waitFor();
    watched.assertNoFaults();
    await watched.close();
  });

  it('shows "Last webhook event" only for webhook events', async () => {
    const id = await console.connect('smtp', 'Without webhooks');
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    const watched = await console.signedIn();
    const { page } = watched;
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body: message });
    await page.goto(`/connections/${id}`);
    await page.getByRole('listitem').getByText('ada@recipient.example').waitFor();
    expect(await page.getByText(/last (webhook )?event/i).count()).toBe(0);

    const other = await console.connect('sparkpost', 'With webhooks');
    await console.service.call('POST', `/api/v1/connections/${other}/messages`, { body: message });
    await page.goto(`/connections/${other}`);
    await page.getByRole('listitem').getByText('ada@recipient.example').waitFor();
    await fact(page, 'Last webhook event').getByText('None yet').waitFor();
    expect(await fact(page, 'Last event').count()).toBe(0);
    watched.assertNoFaults();
    await watched.close();
  });

  it.each(['sendgrid', 'mailgun', 'sparkpost', 'smtpcom'])(
    'requires no webhook key of %s in the form',
    async (vendor) => {
      const watched = await console.signedIn();
      const { page } = watched;
      await page.goto(`/connections/new?vendor=${vendor}`);
      await page.getByText('Leave empty: automatic setup fills it in.').waitFor();
      expect(await page.getByText('no event is accepted').count()).toBe(0);
      watched.assertNoFaults();
      await watched.close();
    },
  );
});
