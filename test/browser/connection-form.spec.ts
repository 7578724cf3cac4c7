import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdapterRegistry } from '@score-crm/connections';
import type { Page } from 'playwright-core';
import { labelled } from '../support/connection-form.ts';
import { type ConsoleUnderTest, SENDER, shareConsole, violationsOn } from '../support/console.ts';
import { PigeonPostAdapter } from '../support/pigeon-post.ts';

const USERNAME = 'Username';

const shared = shareConsole(async (console) => {
  // As if its line had been in src/adapters.ts when the service started.
  const registry = console.service.app.get(AdapterRegistry);
  registry['register']({ vendor: 'pigeonpost', displayName: 'Pigeon Post' }, new PigeonPostAdapter());
});
let console: ConsoleUnderTest;
let page: Page;
beforeAll(() => {
  ({ console, page } = shared);
});

/** The form of a connection: its layout, its errors, and names that exist already. */
describe('the form of a connection', () => {
  const openForm = async (vendor: string): Promise<void> => {
    await shared.watched.open(`/connections/new?vendor=${vendor}`);
    await labelled(page, 'Name').waitFor();
  };
  const save = () => page.getByRole('button', { name: 'Save', exact: true });

  it.each([
    [1280, 800],
    [375, 700],
  ])('starts with the name, and keeps Save and Test in sight, %d wide', async (width, height) => {
    await page.setViewportSize({ width, height });
    await openForm('smtp');
    await page.locator('input:focus').and(labelled(page, 'Name')).waitFor();
    const isInSight = async (name: string): Promise<boolean> => {
      const box = await page.getByRole('button', { name, exact: true }).boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= height;
    };
    for (const top of [0, 300, 10_000]) {
      await page.evaluate(`scrollTo(0, ${String(top)})`);
      expect([top, await isInSight('Save'), await isInSight('Test Connection')]).toEqual([top, true, true]);
    }
    const [host, port] = await Promise.all([
      labelled(page, 'Host').boundingBox(),
      labelled(page, 'Port').boundingBox(),
    ]);
    expect(port?.y).toBe(host?.y);
  });

  it('keeps every focused field clear of the bar, on a narrow screen too', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await openForm('smtp');
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await labelled(page, 'Name').focus();
    const isCovered = `(() => {
      const { bottom } = document.activeElement.getBoundingClientRect();
      return document.activeElement.closest('form') !== null && bottom > document.querySelector('[data-save-bar]').getBoundingClientRect().top;
    })()`;
    for (let step = 0; step < 12; step++) {
      expect([step, await page.evaluate<boolean>(isCovered)]).toEqual([step, false]);
      await page.keyboard.press('Tab');
    }
  });

  it('scrolls to the result of a test', async () => {
    const { settings = {} } = console.sandboxes.byVendor.get('sendgrid') ?? {};
    await openForm('sendgrid');
    await labelled(page, 'API key').fill(String(settings['apiKey']));
    await page.evaluate('scrollTo(0, 0)');
    await page.getByRole('button', { name: 'Test Connection' }).click();
    const result = page.getByRole('status').filter({ hasText: 'Test passed' });
    await result.waitFor();
    const box = await result.boundingBox();
    expect(box !== null && box.y >= 0 && box.y < 800).toBe(true);
    // The test saves nothing.
    expect((await console.service.call('GET', '/api/v1/connections')).body.data).toEqual([]);
  });

  it('shows eight problems at their fields at the same time', async () => {
    await openForm('smtp');
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await page.getByLabel('From email').fill('not an address');
    await page.getByLabel('From name').fill('x'.repeat(201));
    await labelled(page, 'Host').fill('https://mail.example.com');
    await labelled(page, 'Port').fill('70000');
    await labelled(page, 'Allowed sender domains').fill('*');
    const labels = ['Name', 'From email', 'From name', 'Host', 'Port', USERNAME, 'Password', 'Allowed sender domains'];
    const requests: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') requests.push(request.url());
    });
    await save().click();
    for (const label of labels) {
      await labelled(page, label).and(page.locator('[aria-invalid="true"]')).waitFor();
    }
    await page.getByText('Fix 8 fields:').waitFor();
    await page.getByText('Remove “https://” and enter the host name only').waitFor();
    expect(requests).toEqual([]);
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);
    // The link of a problem leads to its field.
    await page.getByRole('button', { name: 'Allowed sender domains' }).click();
    await page.locator('input:focus').and(labelled(page, 'Allowed sender domains')).waitFor();
  });

  it('shows every problem that the service reports at its field', async () => {
    const pointers = [
      '/name',
      '/fromEmail',
      '/fromName',
      '/allowedSenderDomains/0',
      '/settings/host',
      '/settings/port',
    ];
    const errors = pointers.map((pointer) => ({ pointer, code: 'invalid', message: `Problem at ${pointer}.` }));
    await page.route(/\/api\/v1\/connections$/, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 422, json: { status: 422, code: 'invalid_input', detail: 'Invalid.', errors } })
        : route.continue(),
    );
    await openForm('smtp');
    await labelled(page, 'Name').fill('Rejected');
    await labelled(page, 'Host').fill('mail.example.com');
    await labelled(page, USERNAME).fill('ada');
    await labelled(page, 'Password').fill(console.service.secret());
    await save().click();
    for (const { message } of errors) await page.getByText(message).waitFor();
    expect(await page.locator('[aria-invalid="true"]').count()).toBe(errors.length);
  });

  it('keeps placeholders gray after an error', async () => {
    await openForm('smtp');
    const color = () =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector('[data-path="settings.host"] input'), '::placeholder').color`,
      );
    const before = await color();
    await save().click();
    await labelled(page, 'Host').and(page.locator('[aria-invalid="true"]')).waitFor();
    expect(await color()).toBe(before);
  });

  it('warns about the name of another connection, and can save it', async () => {
    const id = await console.connect('mailgun', 'Newsletter');
    const { settings = {} } = console.sandboxes.byVendor.get('sendgrid') ?? {};
    await openForm('sendgrid');
    await labelled(page, 'Name').fill('  newsletter ');
    await page.getByText(`Another connection has this name (Mailgun, ${SENDER}, ID …${id.slice(-4)}).`).waitFor();
    await labelled(page, 'Name').fill('Newsletter');
    await labelled(page, 'API key').fill(String(settings['apiKey']));
    await save().click();
    await page.getByRole('heading', { name: 'Newsletter', level: 1 }).waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?search=Newsletter');
    const twins: { id: string; vendor: string }[] = body.data;
    expect(twins.map(({ vendor }) => vendor).toSorted()).toEqual(['mailgun', 'sendgrid']);

    // The list and the picker tell them apart.
    const ends = twins.map((twin) => `…${twin.id.slice(-4)}`);
    await shared.watched.go('/connections');
    for (const end of ends) await page.getByRole('row').getByText(end).waitFor();
    await page.getByRole('button', { name: 'Test Connection' }).click();
    await labelled(page.getByRole('dialog'), 'Connection').fill('Newsletter');
    for (const [index, vendor] of ['Mailgun', 'SendGrid'].entries()) {
      const end = ends[twins.findIndex((twin) => twin.vendor === vendor.toLowerCase())] ?? String(index);
      await page.getByRole('option').filter({ hasText: vendor }).filter({ hasText: end }).waitFor();
    }
  });

  it('does not warn about its own name while it is edited', async () => {
    const id = await console.connect('mailgun', 'Only one');
    await shared.watched.open(`/connections/${id}/settings`);
    const searched = page.waitForResponse(/\/api\/v1\/connections\?search=/);
    await labelled(page, 'Name').fill('Only One');
    await searched;
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    expect(await page.getByText('Another connection has this name').count()).toBe(0);
  });

  it('limits what a connection sends, with a warm-up, and shows what was sent today', async () => {
    const id = await console.connect('mailgun', 'Warming up');
    await shared.watched.open(`/connections/${id}/settings`);
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    const limits = page.getByRole('region', { name: 'Sending limits' });
    await limits.getByLabel('Emails per second').fill('0');
    await limits.getByRole('switch', { name: 'Warm-up' }).press('Space');
    await limits.getByLabel('Starts on').fill('2020-01-01');
    await limits.getByLabel('First day').fill('10');
    await limits.getByLabel('Daily growth').fill('100');
    await page.getByRole('button', { name: 'Save changes' }).click();
    // The errors of the service, at their fields.
    const invalid = (label: string) => limits.getByLabel(label).and(page.locator('[aria-invalid="true"]'));
    await invalid('Emails per second').waitFor();
    await limits.getByText('Emails per second must be a whole number from 1 to 1000000000.').waitFor();
    await limits.getByLabel('Emails per second').fill('14');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await invalid('Emails per day').waitFor();
    await limits.getByText('A warm-up needs the limit that it ends at. Enter the emails per day.').waitFor();
    await page.getByText('Fix 1 field:').waitFor();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme, 'main')).toEqual([]);
    await limits.getByLabel('Emails per day').fill('50000');
    await limits.getByText('It reaches the emails per day on Jan 14, 2020.').waitFor();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changes saved').waitFor();
    expect((await console.service.call('GET', `/api/v1/connections/${id}`)).body.limits).toEqual({
      perSecond: 14,
      perDay: 50_000,
      warmUp: { startsOn: '2020-01-01', firstDay: 10, growthPercent: 100 },
    });
    const body = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
    await shared.watched.go(`/connections/${id}`);
    await page.getByText('1 of 50,000 emails').waitFor();
    await page.getByText('14 per second, 50,000 per day, warm-up from Jan 1, 2020').waitFor();
  });
});

describe('a new vendor without code in the console', () => {
  it('is listed, and has a form with its fields and rules', async () => {
    await shared.watched.open('/connections/new');
    await page.getByRole('link', { name: 'Pigeon Post', exact: true }).click();
    await page.getByText('Where the pigeons live.').waitFor();
    expect(await page.getByPlaceholder('north-7').count()).toBe(1);
    expect(await labelled(page, 'Pigeons').inputValue()).toBe('12');
    // The guide is required only for the hills, and the grain is an advanced setting.
    expect(await labelled(page, 'Guide').count()).toBe(0);
    expect(await labelled(page, 'Grain').isVisible()).toBe(false);
    await page.getByText('Over the hills').click();
    await labelled(page, 'Name').fill('Homing');
    await labelled(page, 'Pigeons').fill('41');
    await page.getByRole('button', { name: 'Save' }).click();
    for (const label of ['Loft', 'Pigeons', 'Guide', 'Whistle']) {
      await labelled(page, label).and(page.locator('[aria-invalid="true"]')).waitFor();
    }

    await labelled(page, 'Loft').fill('North');
    await labelled(page, 'Pigeons').fill('40');
    await labelled(page, 'Guide').fill('Ada');
    await labelled(page, 'Whistle').fill(console.service.secret());
    await page.getByRole('button', { name: 'Save' }).click();
    // The adapter's own message for a pattern.
    await page.getByText('A loft is a word and a number: north-7.').first().waitFor();
    await labelled(page, 'Loft').fill('north-7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Homing' }).waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?vendor=pigeonpost');
    expect(body.data).toMatchObject([
      {
        name: 'Homing',
        settings: { loft: 'north-7', pigeons: 40, route: 'hills', guide: 'Ada' },
        secrets: { whistle: { set: true } },
      },
    ]);
  });

  it('keeps the advanced settings open while the last one is cleared', async () => {
    const settings = { loft: 'north-7', pigeons: 1, route: 'coast', whistle: console.service.secret(), grain: 'Maize' };
    const { body } = await console.service.call('POST', '/api/v1/connections', {
      body: { vendor: 'pigeonpost', name: 'Fed', settings },
    });
    await shared.watched.open(`/connections/${String(body.id)}/settings`);
    const grain = labelled(page, 'Grain');
    // Open from the beginning, because it has a value.
    expect(await grain.inputValue()).toBe('Maize');
    await grain.fill('');
    await grain.pressSequentially('Oats');
    expect(await grain.inputValue()).toBe('Oats');
    await page.getByRole('button', { name: 'Advanced settings' }).click();
    await grain.waitFor({ state: 'hidden' });
  });
});
