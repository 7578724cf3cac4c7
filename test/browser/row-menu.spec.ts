import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { WatchedPage } from '../support/browser.ts';
import { labelled } from '../support/connection-form.ts';
import { ConsoleUnderTest, violationsOn } from '../support/console.ts';
import { KeyboardUser } from '../support/keyboard.ts';

/** Test, edit, duplicate and delete, from a row of the list and from the header of a connection. */
describe('the menu of a connection', () => {
  let console: ConsoleUnderTest;
  let watched: WatchedPage;
  let page: Page;
  let id: string;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
    id = await console.connect('smtp', 'Office relay');
    await console.connect('sendgrid', 'Another one');
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

  const row = (name: string): Locator => page.getByRole('row').filter({ has: page.getByRole('link', { name }) });
  /** Two clicks: the menu and the action. */
  const choose = async (name: string, action: string): Promise<void> => {
    await row(name)
      .getByRole('button', { name: `Actions for ${name}` })
      .click();
    await page.getByRole('menuitem', { name: action }).click();
  };

  it('tests the connection of its row in two clicks, and gives the focus back', async () => {
    await page.goto('/connections');
    await choose('Office relay', 'Test Connection');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('From email').waitFor();
    expect(await labelled(dialog, 'Connection').inputValue()).toBe('Office relay');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page
      .locator('button:focus')
      .and(page.getByRole('button', { name: 'Actions for Office relay' }))
      .waitFor();
  });

  it('opens the settings of its row in two clicks', async () => {
    await page.goto('/connections');
    await choose('Office relay', 'Edit');
    await page.getByRole('heading', { name: 'Office relay' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${id}/settings`);
  });

  it('asks to delete the connection of its row in two clicks', async () => {
    await page.goto('/connections');
    await choose('Another one', 'Delete');
    await page
      .getByRole('dialog', { name: 'Delete Another one?' })
      .getByLabel(/to confirm/)
      .waitFor();
  });

  it('duplicates a connection with everything but its secrets', async () => {
    const settings = { ...console.sandboxes.byVendor.get('smtp')?.settings };
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromName: 'Office' } });
    await page.goto('/connections');
    await choose('Office relay', 'Duplicate');
    await page.getByRole('heading', { name: 'Add Generic SMTP' }).waitFor();
    const name = labelled(page, 'Name');
    expect(await name.inputValue()).toBe('Copy of Office relay');
    expect(await name.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    expect(await page.getByLabel('From name').inputValue()).toBe('Office');
    expect(await labelled(page, 'Host').inputValue()).toBe(settings['host']);
    expect(await labelled(page, 'Port').inputValue()).toBe(String(settings['port']));
    expect(await labelled(page, 'Password').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await labelled(page, 'Password').and(page.locator('[aria-invalid="true"]')).waitFor();
    await labelled(page, 'Password').fill(String(settings['password']));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Copy of Office relay' }).waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?search=Copy%20of');
    expect(body.data).toMatchObject([{ name: 'Copy of Office relay', fromName: 'Office', version: 1 }]);
  });

  it('is in the header of a connection too, and works by keyboard', async () => {
    const user = new KeyboardUser(page);
    await page.goto(`/connections/${id}/events`);
    await page.getByRole('heading', { name: 'Office relay' }).waitFor();
    await user.activate('Actions');
    await page.getByRole('menuitem', { name: 'Test Connection' }).waitFor();
    await user.press('ArrowDown');
    await page
      .locator('[role="menuitem"]:focus')
      .and(page.getByRole('menuitem', { name: 'Edit' }))
      .waitFor();
    await user.press('Enter');
    await page.getByRole('button', { name: 'Save changes' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${id}/settings`);
  });

  it('has no accessibility violations when it is open', async () => {
    await page.goto('/connections');
    await row('Office relay').getByRole('button', { name: 'Actions for Office relay' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);
  });

  it('is absent for read-only users', async () => {
    const reader = await console.signedIn(await console.service.tokenFor('default', 'read'));
    for (const path of ['/connections', `/connections/${id}`]) {
      await reader.page.goto(path);
      await reader.page.getByText('Office relay').first().waitFor();
      expect(await reader.page.getByRole('button', { name: /^Actions/ }).count()).toBe(0);
    }
    reader.assertNoFaults();
    await reader.close();
  });
});
