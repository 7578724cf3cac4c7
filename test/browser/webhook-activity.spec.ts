import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { DeliveryReprocessor } from '../../libs/connections/src/deliveries/delivery-reprocessor.ts';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { breakParser } from '../support/broken-parser.ts';
import { type ConsoleUnderTest, shareConsole, violationsOn } from '../support/console.ts';
import { KeyboardUser } from '../support/keyboard.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

const shared = shareConsole();
let console: ConsoleUnderTest;
let page: Page;
beforeAll(() => {
  ({ console, page } = shared);
});

/** The requests that the webhook of a connection received, on its page. */
describe('the webhook activity', () => {
  const pathOf = ({ id }: SendgridWebhook, search = ''): string => `/connections/${id}/webhook${search}`;
  const rows = (of: Page = page) =>
    of.getByRole('table', { name: 'Webhook requests' }).locator('tbody').getByRole('row');
  const drawer = (of: Page = page) => of.getByRole('dialog', { name: 'Webhook request' });
  const fact = (name: string, of: Page = page) =>
    drawer(of)
      .locator('dl > div')
      .filter({ has: of.locator(`dt:text-is("${name}")`) })
      .locator('dd');
  const filterBy = async (label: string): Promise<void> => {
    await page.getByRole('combobox', { name: 'Status of the requests' }).click();
    await page.getByRole('option', { name: label, exact: true }).click();
  };
  const listed = async ({ id }: SendgridWebhook): Promise<any[]> =>
    (await console.service.call('GET', `/api/v1/connections/${id}/deliveries`)).body.data;
  /** Fails authentication: the signature is that of another body. */
  const forge = async (hook: SendgridWebhook, body: string): Promise<void> => {
    await hook.postAs(body, hook.signer.headersFor(Buffer.from('something else')));
    await console.service.app.get(UnauthenticatedSamples).flush();
  };
  /** Requests that were accepted, accepted in part, known, rejected three times, and unauthenticated. */
  const create = async (): Promise<SendgridWebhook> => {
    const hook = await SendgridWebhook.create(console.service);
    const known = vendorEvent('delivered', { order: 'ORDER' });
    const body = JSON.stringify([known, vendorEvent('open')]).replace('"ORDER"', '12345678901234567890');
    await hook.postSigned(body);
    await hook.postSigned(JSON.stringify([vendorEvent('click'), null, { event: 'click' }]));
    await hook.postSigned(body);
    for (let count = 0; count < 3; count++) await hook.postSigned('{"half');
    await forge(hook, '[]');
    return hook;
  };

  describe('of a connection with requests', () => {
    let hook: SendgridWebhook;
    beforeAll(async () => {
      hook = await create();
    });

    it('lists them newest first, with their counts and reasons', async () => {
      await shared.watched.open(pathOf(hook));
      expect(await rows().count()).toBe(5);
      const texts = await rows().evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].slice(0, 4).map(({ textContent }) => textContent)),
      );
      const { reason } = (await listed(hook)).find(({ status }) => status === 'rejected');
      expect(texts).toEqual([
        ['Unauthenticated', 'Its signature or login does not match the key that is stored here.', '1×', '2 B'],
        ['Rejected', reason, '3×', '6 B'],
        ['Accepted', '2 already known', '1×', expect.stringMatching(/ B$/)],
        ['Partly accepted', '1 new event · 2 unreadable', '1×', expect.stringMatching(/ B$/)],
        ['Accepted', '2 new events', '1×', expect.stringMatching(/ B$/)],
      ]);
    });

    it('filters them by status, in the URL too', async () => {
      await shared.watched.open(pathOf(hook));
      await filterBy('Rejected');
      await rows().nth(1).waitFor({ state: 'hidden' });
      expect(await rows().first().textContent()).toMatch(/^Rejected/);
      expect(new URL(page.url()).searchParams.get('status')).toBe('rejected');
      await page.getByRole('navigation', { name: 'Connection' }).locator('[aria-current="page"]').waitFor();
      await shared.watched.go(pathOf(hook, '?status=accepted'));
      expect(await rows().count()).toBe(3);
      await filterBy('All requests');
      await rows().nth(4).waitFor();
      expect(new URL(page.url()).search).toBe('');
    });

    it('opens one by keyboard, and gives the focus back', async () => {
      const user = new KeyboardUser(page);
      await shared.watched.open(pathOf(hook));
      await user.activate('Accepted, 2 new events: open');
      expect(await fact('New events').textContent()).toMatch(/^2/);
      expect(await fact('Already known').textContent()).toBe('0');
      const body = drawer().getByRole('region', { name: 'Body of the request' });
      await body.getByText('"order": 12345678901234567890').waitFor();
      expect(await drawer().getByRole('button', { name: 'Process again' }).count()).toBe(0);
      await user.press('Escape');
      await drawer().waitFor({ state: 'hidden' });
      await page
        .locator('a:focus')
        .and(page.getByRole('link', { name: 'Accepted, 2 new events: open' }))
        .waitFor();
    });

    it('leads to the events of one', async () => {
      await shared.watched.open(pathOf(hook));
      await page.getByRole('link', { name: 'Accepted, 2 new events: open' }).click();
      await drawer().getByRole('link', { name: 'View events received at this time' }).click();
      const events = page.getByRole('table', { name: 'Events' }).getByRole('link');
      await events.first().waitFor();
      expect(await events.allTextContents()).toEqual(['ada@recipient.example', 'ada@recipient.example']);
    });

    it('lists the items of one that could not be read', async () => {
      await shared.watched.open(pathOf(hook));
      await page.getByRole('link', { name: /^Partly accepted/ }).click();
      const { rejections } = (await listed(hook)).find(({ rejected }) => rejected > 0);
      const items = drawer().getByRole('region', { name: 'Unreadable items' }).getByRole('listitem');
      await items.first().waitFor();
      expect(await items.allTextContents()).toEqual(
        rejections.map(({ position, reason }: any) => `Item ${String(position + 1)}: ${String(reason)}`),
      );
      await drawer().getByRole('button', { name: 'Process again' }).waitFor();
    });

    it('counts unauthenticated ones, and shows samples of them', async () => {
      await shared.watched.open(pathOf(hook));
      await page.getByText('1 request failed authentication.').waitFor();
      await page.getByRole('button', { name: 'Show samples' }).click();
      await rows().nth(1).waitFor({ state: 'hidden' });
      await page.getByRole('link', { name: /^Unauthenticated/ }).click();
      await drawer().getByText('it may come from anyone').waitFor();
      expect(await fact('Reason').textContent()).toBe(
        'Its signature or login does not match the key that is stored here.',
      );
      await drawer().getByRole('region', { name: 'Body of the request' }).getByText('[]').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Show all requests' }).click();
      await rows().nth(4).waitFor();
    });

    it('shows readers everything but the body, and no controls', async () => {
      const reader = await shared.another(await console.service.tokenFor('default', 'read'));
      const paths: string[] = [];
      reader.page.on('request', (request) => paths.push(new URL(request.url()).pathname));
      await reader.visit(pathOf(hook));
      await rows(reader.page).nth(4).waitFor();
      await reader.page.getByRole('link', { name: /^Rejected/ }).click();
      await drawer(reader.page).getByText('You need full access to see the body.').waitFor();
      expect(await fact('Times received', reader.page).textContent()).toBe('3');
      expect(await reader.page.getByRole('button', { name: /Process/ }).count()).toBe(0);
      expect(paths.filter((path) => /\/deliveries\/./.test(path))).toEqual([]);
    });

    it('reports a failure, and loads the list again', async () => {
      await page.route(/\/deliveries\?/, (route) =>
        route.fulfill({ status: 403, json: { status: 403, code: 'forbidden', detail: 'Not now.' } }),
      );
      await shared.watched.open(pathOf(hook));
      const alert = page.getByRole('alert').filter({ hasText: 'Could not load the webhook requests' });
      await alert.waitFor();
      await page.unrouteAll();
      // Sooner than the list is reloaded anyway.
      const again = page.waitForRequest(/\/deliveries\?/, { timeout: 4_500 });
      await alert.getByRole('button', { name: 'Try again' }).click();
      await again;
      await rows().nth(4).waitFor();
    });
  });

  it('shows the events of a sample, and what it does not check, only with full access', async () => {
    const hook = await SendgridWebhook.create(console.service);
    await shared.watched.open(pathOf(hook));
    await page.getByRole('button', { name: 'Send a sample event' }).click();
    const events = page.getByRole('list', { name: 'Sample events' }).getByRole('link');
    await events.nth(2).waitFor();
    expect(await events.allTextContents()).toEqual(['Delivered', 'Bounced', 'Opened']);
    await page.getByText('only SendGrid has the private key').waitFor();
    await rows().first().waitFor();
    expect(await rows().first().textContent()).toMatch(/^Accepted3 new events/);
    for (const scheme of ['light', 'dark'] as const) {
      expect([scheme, await violationsOn(page, scheme, 'main')]).toEqual([scheme, []]);
    }
    await events.nth(1).click();
    const event = page.getByRole('dialog', { name: 'Event' });
    await event.getByText('bounced@example.com').first().waitFor();
    await event.getByText('A test message, a sample event').first().waitFor();
    const reader = await shared.another(await console.service.tokenFor('default', 'read'));
    await reader.open(pathOf(hook));
    await rows(reader.page).first().waitFor();
    expect(await reader.page.getByRole('button', { name: 'Send a sample event' }).count()).toBe(0);
  });

  it('is empty before the first request, and without a match', async () => {
    const hook = await SendgridWebhook.create(console.service);
    await shared.watched.open(pathOf(hook));
    await page.getByRole('heading', { name: 'No requests yet' }).waitFor();
    expect(await page.getByRole('button', { name: 'Process rejected again' }).count()).toBe(0);
    const second = await SendgridWebhook.create(console.service);
    await second.post([vendorEvent('open')]);
    await shared.watched.go(pathOf(second, '?status=rejected'));
    await page.getByRole('heading', { name: 'No matching requests' }).waitFor();
    await page.getByRole('button', { name: 'Show all requests' }).click();
    await rows().first().waitFor();
  });

  it('loads more, and moves the focus to the first new row', async () => {
    const hook = await SendgridWebhook.create(console.service);
    for (let count = 0; count < 30; count++) await hook.post([vendorEvent('open')]);
    await shared.watched.open(pathOf(hook));
    expect(await rows().count()).toBe(25);
    await page.getByRole('button', { name: 'Load more' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('30 requests', { exact: true }).waitFor();
    await rows().nth(25).locator('a:focus').waitFor();
  });

  it('shows the bytes of a body that is not text', async () => {
    const hook = await SendgridWebhook.create(console.service);
    await hook.postSigned('\u0000\u001Bhalf');
    await shared.watched.open(pathOf(hook));
    await rows().getByRole('link').click();
    await drawer().getByRole('region', { name: 'Body of the request' }).getByText('␀␛half').waitFor();
  });

  /** Re-processing, after an earlier version could not read what the vendor sent. */
  describe('with rejected requests', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });
    const reject = async (count: number): Promise<SendgridWebhook> => {
      const hook = await SendgridWebhook.create(console.service);
      const repair = breakParser(console.service);
      for (let index = 0; index < count; index++) await hook.post([vendorEvent('open'), vendorEvent('open')]);
      repair();
      return hook;
    };
    const confirm = async (title: string): Promise<void> => {
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.getByText('are not stored twice').waitFor();
      await dialog.getByRole('button', { name: 'Process again' }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    const jobs = () => page.getByRole('region', { name: 'Re-processing' }).getByRole('listitem');

    it('processes one again', async () => {
      const hook = await reject(2);
      await shared.watched.open(pathOf(hook));
      await rows().first().getByRole('link').click();
      await drawer().getByRole('button', { name: 'Process again' }).click();
      const dialog = page.getByRole('dialog', { name: 'Process this request again?' });
      await page
        .locator('button:focus')
        .and(dialog.getByRole('button', { name: 'Cancel' }))
        .waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect((await listed(hook)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      await drawer().getByRole('button', { name: 'Process again' }).click();
      await confirm('Process this request again?');
      await drawer().getByText('Its events are stored.').waitFor();
      expect(await fact('New events').textContent()).toMatch(/^2/);
      await page.keyboard.press('Escape');
      await drawer().waitFor({ state: 'hidden' });
      expect((await listed(hook)).map(({ status }) => status)).toEqual(['accepted', 'rejected']);
      expect(await jobs().textContent()).toContain('1 of 1 request processed: 1 accepted. 2 new events.');
      await rows().filter({ hasText: 'Accepted' }).waitFor();
    });

    it('processes all again as a job, which is canceled, resumed and shown when the page is opened again', async () => {
      const hook = await reject(4);
      await hook.postSigned('{"half');
      const reprocessor = console.service.app.get(DeliveryReprocessor);
      const process = reprocessor.process.bind(reprocessor);
      let passed = 0;
      let pass: (() => void) | undefined;
      // The third request waits until it is let through.
      jest.spyOn(reprocessor, 'process').mockImplementation(async (...request) => {
        if (++passed === 3) await new Promise<void>((resolve) => (pass = resolve));
        return process(...request);
      });
      await shared.watched.open(pathOf(hook));
      await page.getByRole('button', { name: 'Process rejected again' }).click();
      await confirm('Process rejected requests again?');
      await jobs().getByText('2 requests processed').waitFor();
      await jobs().getByText('Running').waitFor();

      await shared.watched.go('/connections');
      await shared.watched.go(pathOf(hook));
      await jobs().getByText('Running').waitFor();
      await jobs().getByRole('button', { name: 'Cancel' }).click();
      await jobs().getByText('Canceled').waitFor();
      pass?.();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect((await listed(hook)).filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(3);

      // The same button resumes, and has kept the focus.
      await page
        .locator('button:focus')
        .and(jobs().getByRole('button', { name: 'Resume' }))
        .waitFor();
      await page.keyboard.press('Enter');
      await jobs().getByText('Completed').waitFor();
      expect(await jobs().textContent()).toContain('5 requests processed: 4 accepted, 1 rejected again. 8 new events.');
      await jobs().and(page.locator(':focus')).waitFor();
      await rows().filter({ hasText: '2 new events' }).nth(3).waitFor();
      expect((await listed(hook)).filter(({ status }) => status === 'rejected')).toHaveLength(1);
    });

    it('processes those of a time range', async () => {
      const hook = await reject(1);
      await shared.watched.open(pathOf(hook));
      await page.getByRole('button', { name: 'Process rejected again' }).click();
      const dialog = page.getByRole('dialog', { name: 'Process rejected requests again?' });
      await dialog.getByRole('combobox', { name: 'Received' }).click();
      await page.getByRole('option', { name: 'In a time range' }).click();
      await dialog.getByLabel('From', { exact: true }).fill('2020-02-01T00:00');
      await dialog.getByLabel('To', { exact: true }).fill('2020-01-01T00:00');
      await dialog.getByRole('alert').filter({ hasText: 'Enter a time after the start.' }).waitFor();
      await dialog.locator('[aria-disabled="true"]').getByText('Process again').waitFor();
      await dialog.getByLabel('To', { exact: true }).fill('2020-03-01T00:00');
      await confirm('Process rejected requests again?');
      await jobs().getByText('Completed').waitFor();
      expect(await jobs().count()).toBe(1);
      expect(await jobs().textContent()).toContain('0 requests processed. 0 new events.');
      expect((await listed(hook)).map(({ status }) => status)).toEqual(['rejected']);
    });
  });
});
