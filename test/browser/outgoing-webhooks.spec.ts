import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { verified, WebhookReceiver } from '../../libs/connections/test/support/webhook-receiver.ts';
import { type ConsoleUnderTest, shareConsole, violationsOn } from '../support/console.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

const shared = shareConsole();
let console: ConsoleUnderTest;
let page: Page;
let receiver: WebhookReceiver;
beforeAll(async () => {
  ({ console, page } = shared);
  receiver = await WebhookReceiver.start();
});
afterAll(() => receiver.stop());

/** The endpoints of the organization, and what was sent to them. */
describe('outgoing webhooks in the console', () => {
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const rows = () => page.getByRole('table', { name: 'Messages' }).locator('tbody').getByRole('row');
  const openEndpoint = async (): Promise<void> => {
    const { data } = (await console.service.call('GET', '/api/v1/webhook-endpoints')).body;
    await shared.watched.open(`/outgoing-webhooks/${String(data[0].id)}`);
  };
  const act = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name, exact: true }).click();
  };
  const expectNoViolations = async (
    of: string,
    within: string,
    schemes: readonly ('light' | 'dark')[] = ['light'],
  ): Promise<void> => {
    for (const scheme of schemes) {
      expect([of, scheme, await violationsOn(page, scheme, within)]).toEqual([of, scheme, []]);
    }
  };
  /** The secret that the dialog shows once. */
  const takeSecret = async (): Promise<string> => {
    const shown = dialog('Your signing secret');
    const secret = (await shown.getByRole('group', { name: 'Signing secret' }).textContent()) ?? '';
    await expectNoViolations('a secret', '[role="dialog"]');
    await shown.getByRole('button', { name: 'Done' }).click();
    await shown.waitFor({ state: 'hidden' });
    console.service.responses.splice(0);
    expect(await page.content()).not.toContain(secret);
    return console.service.watch(secret);
  };

  it('adds an endpoint, shows its secret once, and lists what it receives', async () => {
    await shared.watched.open('/connections');
    await page.getByRole('link', { name: 'Outgoing webhooks' }).click();
    await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor();
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    const add = dialog('Add endpoint');
    await add.getByLabel('URL').fill('hooks.example.com');
    await add.getByRole('button', { name: 'Add endpoint' }).click();
    await add.getByText('Enter a complete URL').waitFor();
    await expectNoViolations('a wrong URL', '[role="dialog"]');
    await add.getByLabel('URL').fill(receiver.url('/console'));
    await add.getByLabel('Description').fill('Data warehouse');
    await add.getByRole('combobox', { name: 'Events' }).click();
    await page.getByRole('option', { name: 'Bounced' }).click();
    await page.keyboard.press('Escape');
    await add.getByRole('button', { name: 'Add endpoint' }).click();
    const secret = await takeSecret();
    const item = page.getByRole('list', { name: 'Endpoints' }).getByRole('listitem');
    expect(await item.textContent()).toContain('Data warehouse · Bounced');
    await expectNoViolations('the list', 'main', ['light', 'dark']);

    const hook = await SendgridWebhook.create(console.service);
    await hook.post([vendorEvent('bounce')]);
    await item.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: receiver.url('/console') }).waitFor();
    await page.getByRole('link', { name: 'Delivered, 1 event: open' }).waitFor();
    const [webhook] = receiver.at('/console');
    expect(webhook === undefined ? undefined : verified(secret, webhook).data.events).toMatchObject([
      { kind: 'bounced' },
    ]);
  });

  it('tests it, and shows the response of a failed attempt', async () => {
    await openEndpoint();
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByText('Test message delivered (Status 204)').waitFor();
    receiver.answers.set('/console', (response) => void response.writeHead(500).end('The warehouse is full.'));
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByText('Test message failed (Status 500)').waitFor();
    await page.getByRole('link', { name: 'Failed, Test message: open' }).click();
    const drawer = dialog('Message');
    await drawer.getByText('The warehouse is full.').waitFor();
    await expectNoViolations('a message', '[role="dialog"]', ['light', 'dark']);
    receiver.answers.delete('/console');
    await drawer.getByRole('button', { name: 'Send again' }).click();
    await drawer.getByText('Status 204').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.locator('a:focus').and(rows().getByRole('link').first()).waitFor();
    await page.getByRole('combobox', { name: 'State of the messages' }).click();
    await page.getByRole('option', { name: 'Failed' }).click();
    await page.getByRole('heading', { name: 'No matching messages' }).waitFor();
    await page.getByRole('combobox', { name: 'State of the messages' }).click();
    await page.getByRole('option', { name: 'All messages' }).click();
    await rows().nth(2).waitFor();
  });

  it('edits it, rotates its secret, disables and enables it', async () => {
    await openEndpoint();
    await act('Edit');
    await dialog('Edit endpoint').getByLabel('Description').fill('Lake');
    await dialog('Edit endpoint').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Lake', { exact: true }).waitFor();
    await act('Rotate secret');
    await dialog('Rotate the signing secret?').getByRole('button', { name: 'Rotate secret' }).click();
    await takeSecret();
    await page.getByText('Also signs messages until').waitFor();
    await act('Disable');
    await page.getByText('Disabled by a user').waitFor();
    await expectNoViolations('a disabled endpoint', 'main', ['light', 'dark']);
    await page.getByRole('button', { name: 'Enable', exact: true }).click();
    await page.getByText('Disabled by a user').waitFor({ state: 'hidden' });
    await act('Send failed again');
    await dialog('Send failed messages again?').getByRole('button', { name: 'Send again' }).click();
    await page.getByText('No message has failed in this time').waitFor();
  });

  it('deletes it, and returns to the list', async () => {
    await openEndpoint();
    await act('Delete');
    await dialog('Delete this endpoint?').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor();
  });

  it('is hidden from users without full access', async () => {
    const reader = await shared.another(await console.service.tokenFor('default', 'read'));
    await reader.visit('/outgoing-webhooks');
    await reader.page.getByRole('heading', { name: 'You need full access' }).waitFor();
    expect(await reader.page.getByRole('link', { name: 'Outgoing webhooks' }).count()).toBe(0);
  });
});
