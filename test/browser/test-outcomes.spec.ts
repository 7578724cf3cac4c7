import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type DescribedVendor, fillSettings, labelled } from '../support/connection-form.ts';
import { ConsoleUnderTest, SENDER } from '../support/console.ts';
import { freePort } from '../support/free-port.ts';

/** The texts of test results, where they are recorded, and the next step after a failure. */
describe('the test of a connection', () => {
  let console: ConsoleUnderTest;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
  });
  afterAll(() => console.stop());

  const newConnection = async (page: Page, name: string): Promise<void> => {
    const vendor: DescribedVendor = (await console.service.call('GET', '/api/v1/vendors/smtp')).body;
    await page.goto('/connections/new?vendor=smtp');
    await labelled(page, 'Name').fill(name);
    await page.getByLabel('From email').fill(SENDER);
    await fillSettings(page, vendor, console.sandboxes.byVendor.get('smtp')?.settings ?? {});
    await page.getByRole('button', { name: 'Test Connection', exact: true }).click();
    await page.getByText('Test passed in ').waitFor();
  };
  const save = async (page: Page, name: string): Promise<any> => {
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    const { body } = await console.service.call('GET', `/api/v1/connections?search=${encodeURIComponent(name)}`);
    return body.data[0];
  };

  it('is recorded with the connection if it ran with the saved values', async () => {
    const watched = await console.signedIn();
    const { page } = watched;
    await newConnection(page, 'Tested before');
    const saved = await save(page, 'Tested before');
    expect(saved.lastTest).toMatchObject({ ok: true });
    await page.getByRole('main').getByText('Test passed', { exact: true }).first().waitFor();
    await page.goto('/connections?search=Tested+before');
    const row = page.getByRole('row').filter({ hasText: 'Tested before' });
    await row.getByText('Test passed').waitFor();
    expect(await row.getByText('Never tested').count()).toBe(0);
    watched.assertNoFaults();
    await watched.close();
  });

  it('is not recorded if a value was changed after it', async () => {
    const watched = await console.signedIn();
    const { page } = watched;
    await newConnection(page, 'Changed after');
    await labelled(page, 'Password').fill(console.service.secret());
    expect((await save(page, 'Changed after')).lastTest).toBeNull();
    watched.assertNoFaults();
    await watched.close();
  });

  it('names host or port for a refused connection, and suggests no retry', async () => {
    const id = await console.connect('smtp', 'Nothing there', { port: await freePort() });
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${id}/test`);
    await page.getByRole('button', { name: 'Test without sending' }).click();
    const cause = page.locator('dl').filter({ has: page.locator('dt:text-is("Cause")') });
    await cause.getByText('The host or the port').waitFor();
    await page.getByText('Connection refused', { exact: true }).first().waitFor();
    const main = await page.getByRole('main').innerText();
    expect(main).not.toMatch(/\bRetry\b|later|network/i);
    await page.getByRole('link', { name: 'Fix settings' }).waitFor();
    watched.assertNoFaults();
    await watched.close();
  });

  it('reports that a retry won’t help before a wrong password is fixed', async () => {
    const failing = console.sandboxes.byVendor.get('smtp')?.failures['authentication_failed'];
    const id = await console.connect('smtp', 'Wrong password', failing);
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${id}/test`);
    await page.getByRole('button', { name: 'Test without sending' }).click();
    await page.getByText('The username, password or API key').waitFor();
    await page.getByText('Won’t help until this is fixed.').waitFor();
    watched.assertNoFaults();
    await watched.close();
  });

  describe('after a failure', () => {
    it('comes before every other step of the overview', async () => {
      const failing = console.sandboxes.byVendor.get('sparkpost')?.failures['authentication_failed'];
      const id = await console.connect('sparkpost', 'Failing', failing);
      await console.service.call('POST', `/api/v1/connections/${id}/test`);
      const watched = await console.signedIn();
      const { page } = watched;
      await page.goto(`/connections/${id}`);
      const banner = page.getByRole('region', { name: 'Last test failed' });
      await banner.getByText('Authentication failed').waitFor();
      expect(await page.getByText('Set up the webhook').count()).toBe(0);
      await banner.getByRole('link', { name: 'Fix settings' }).click();
      await page.waitForURL(`**/connections/${id}/settings`);
      watched.assertNoFaults();
      await watched.close();
    });

    it.each([
      ['sendgrid', 'SendGrid', 'https://app.sendgrid.com/settings/sender_auth'],
      ['mailgun', 'Mailgun', 'https://app.mailgun.com/mg/sending/domains'],
    ])('with an unverified sender, links to the sender page of %s', async (vendor, name, url) => {
      const failing = console.sandboxes.byVendor.get(vendor)?.failures['sender_not_verified'];
      const id = await console.connect(vendor, 'Not verified', failing);
      const body = { to: ['ada@recipient.example'] };
      const tested = await console.service.call('POST', `/api/v1/connections/${id}/test`, { body });
      expect(tested.body.diagnosis.error.code).toBe('sender_not_verified');
      const watched = await console.signedIn();
      const { page } = watched;
      await page.goto(`/connections/${id}`);
      const link = page.getByRole('link', { name: `Verify sender in ${name}` });
      await link.waitFor();
      expect(await link.getAttribute('href')).toBe(url);
      expect(await page.getByText('Set up the webhook').count()).toBe(0);
      watched.assertNoFaults();
      await watched.close();
    });
  });
});
