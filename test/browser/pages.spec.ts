import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { labelled } from '../support/connection-form.ts';
import { type ConsoleUnderTest, shareConsole, violationsOn } from '../support/console.ts';

const SENDER = 'newsletter-production@sender.example';
const MAX_SCRIPT_BYTES = 250_000;

/** Records every layout shift from the beginning. */
const OBSERVE_SHIFTS = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const nameOf = ({ node, previousRect, currentRect }) => [node?.className ?? node?.nodeName, JSON.stringify(previousRect), JSON.stringify(currentRect)];
      globalThis.shifts.push([value.toFixed(4), document.fonts.status, ...sources.flatMap(nameOf)].join(' '));
    }
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Elements that overflow the window or their table cell, and buttons whose text is cut. Other clipped text does not count. */
const FIND_OVERFLOWS = `(async () => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const isCut = (element) => getComputedStyle(element).overflowX !== 'visible';
  const standsOut = (cell) => [...cell.querySelectorAll('*')].some((element) => {
    for (let place = element.parentElement; place !== cell.parentElement; place = place.parentElement) if (isCut(place)) return false;
    return element.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1;
  });
  const isTooWide = (cell) => !isCut(cell) && cell.scrollWidth > cell.clientWidth + 1;
  const cells = [...document.querySelectorAll('main td, main th')].filter((cell) => isTooWide(cell) || standsOut(cell));
  const labels = [...document.querySelectorAll('main .mantine-Button-label')].filter((label) => label.scrollWidth > label.clientWidth);
  const { scrollWidth, clientWidth } = document.documentElement;
  return [...(scrollWidth > clientWidth ? ['the page'] : []), ...[...cells, ...labels].map(({ textContent }) => textContent)];
})()`;

let id = '';
const shared = shareConsole(async (console) => {
  for (let index = 0; index < 30; index++) id = await console.connect('mailgun', `Number ${String(index)}`);
  const body = {
    to: [{ email: 'click@recipient.example' }, { email: 'unsubscribe@recipient.example' }],
    subject: 'Hello',
    html: '<a href="https://x.example">x</a>',
  };
  await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
  await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
  await console.service.call('POST', `/api/v1/connections/${id}/test`, { body: {} });
  for (const ref of ['42', '43']) {
    const usage = { body: { name: 'Spring sale with a long name, all remaining stock', status: 'scheduled' } };
    await console.service.call('PUT', `/api/v1/connections/${id}/usages/campaign/${ref}`, usage);
  }
  await console.sandboxes.settled();
});
let console: ConsoleUnderTest;
let page: Page;
beforeAll(() => {
  ({ console, page } = shared);
});

describe('loading the console', () => {
  it('transfers less than 250 kB of scripts for the list', async () => {
    const watched = await shared.another();
    const { page } = watched;
    const bytes: number[] = [];
    page.on('response', (response) => {
      if (/javascript/.test(response.headers()['content-type'] ?? ''))
        bytes.push(Number(response.headers()['content-length']));
    });
    await watched.visit('/connections');
    await page.getByRole('link', { name: 'Number 29' }).waitFor();
    expect(bytes.length).toBeGreaterThan(0);
    const total = bytes.reduce((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(MAX_SCRIPT_BYTES);
  });

  it('shifts no layout when data arrive, and has no horizontal overflow', async () => {
    // At the same time: most of each is waiting for the slow network.
    await Promise.all([expectStill(1280, 800, [1180, 1024]), expectStill(375, 700, [360])]);
  });

  /** @param widths narrower ones, in which nothing may overflow either */
  async function expectStill(width: number, height: number, widths: readonly number[]): Promise<void> {
    const watched = await shared.another(undefined, { width, height });
    const { page } = watched;
    // "59 minutes ago" is among the longest of the relative times.
    await page.clock.setFixedTime(Date.now() + 59.5 * 60_000);
    await page.addInitScript({ content: OBSERVE_SHIFTS });
    // Slow enough that each state is painted before the next. Routes would keep the browser from caching scripts.
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const speed = { offline: false, latency: 150, downloadThroughput: -1, uploadThroughput: -1 };
    await network.send('Network.emulateNetworkConditions', speed);
    const paths = [
      '/connections',
      '/connections/new',
      '/api-keys',
      '/audit',
      '/suppressions',
      ...['', '/test', '/webhook', '/events', '/used-by', '/settings'].map((tab) => `/connections/${id}${tab}`),
    ];
    for (const path of paths) {
      await watched.visit(path);
      expect([path, width, await page.evaluate<string[]>('shifts')]).toEqual([path, width, []]);
      for (const narrow of widths) {
        await page.setViewportSize({ width: narrow, height: 768 });
        expect([path, narrow, await page.evaluate<string[]>(FIND_OVERFLOWS)]).toEqual([path, narrow, []]);
      }
      await page.setViewportSize({ width, height });
    }
  }

  it('serves pages at their URLs with a strict policy, and JSON for unknown API and asset paths', async () => {
    const watched = await shared.another(null);
    for (const path of ['/', '/connections', `/connections/${id}/events?kind=opened`, '/sign-in']) {
      const response = await watched.page.goto(path);
      expect([path, response?.status()]).toEqual([path, 200]);
      const policy = response?.headers()['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
    }
    for (const path of ['/api/v1/nothing', '/assets/nothing.js', '/health/nothing', '/webhooks/v2/smtp']) {
      const { status, headers } = await console.service.call('GET', path, { headers: { accept: 'text/html' } });
      expect([path, status, headers.get('content-type')]).toEqual([
        path,
        404,
        expect.stringMatching(/^application\/problem\+json/),
      ]);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';base-uri 'none';frame-ancestors 'none';form-action 'none'",
      );
    }
    const [first, second] = await Promise.all([watched.page.request.get('/'), watched.page.request.get('/')]);
    expect(first.headers()['content-security-policy']).not.toBe(second.headers()['content-security-policy']);
  });
});

/** Column widths, sort order, the not-found page, dialogs, and expiry of API keys. */
describe('the pages of the console', () => {
  let production = '';

  beforeAll(async () => {
    production = await console.connect('sendgrid', 'SendGrid Production');
    await console.service.call('PATCH', `/api/v1/connections/${production}`, { body: { fromEmail: SENDER } });
  });

  it('shows whole senders at 1280, and uses the width at 1920', async () => {
    await shared.watched.open('/connections');
    const sender = page.getByRole('cell').getByText(SENDER);
    await sender.waitFor();
    expect(await sender.evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);
    const table = page.getByRole('table', { name: 'Connections' });
    const narrow = await table.boundingBox();
    await page.setViewportSize({ width: 1920, height: 1000 });
    const wide = await table.boundingBox();
    expect((wide?.width ?? 0) - (narrow?.width ?? 0)).toBeGreaterThan(350);
  });

  it('keeps the navigation on a page that does not exist', async () => {
    for (const path of ['/nowhere', '/connections/01a21203-5fdb-7796-a8b5-f6c4bb20d142']) {
      await shared.watched.open(path);
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'SMTP' }).waitFor();
    }
    await page.getByRole('link', { name: 'Back to connections' }).click();
    await page.getByRole('heading', { name: 'SMTP', exact: true }).waitFor();
  });

  it('lists vendors with webhooks first, and finds a provider among the presets', async () => {
    await shared.watched.open('/connections/new');
    await page.getByRole('link', { name: 'Gmail', exact: true }).waitFor();
    const names = await page.getByRole('heading', { level: 2 }).allTextContents();
    const { body } = await console.service.call('GET', '/api/v1/vendors');
    const withWebhooks = body.data
      .filter(({ capabilities }: any) => capabilities.webhooks !== 'none')
      .map(({ displayName }: any) => String(displayName));
    expect(withWebhooks.length).toBeGreaterThan(3);
    expect(names).toEqual([
      ...withWebhooks.toSorted((a: string, b: string) => a.localeCompare(b, 'en')),
      'Generic SMTP',
      'Generic SMTP presets',
    ]);
    await page.getByLabel('Search vendors and providers').fill('postmark');
    await page.getByRole('link', { name: 'Postmark, transactional' }).click();
    await labelled(page, 'Name').waitFor();
    expect(await labelled(page, 'Host').inputValue()).toBe('smtp.postmarkapp.com');
  });

  it('lists active campaigns and journeys first, then by name', async () => {
    for (const [ref, name, status] of [
      ['1', 'Alpha', 'completed'],
      ['2', 'Zulu', 'running'],
      ['3', 'Mike', 'scheduled'],
      ['4', 'Beta', 'draft'],
    ]) {
      const usage = `/api/v1/connections/${production}/usages/campaign/${String(ref)}`;
      await console.service.call('PUT', usage, { body: { name, status } });
    }
    await shared.watched.open(`/connections/${production}/used-by`);
    await page.getByRole('cell', { name: 'Zulu' }).waitFor();
    const rows = await page.getByRole('row').allTextContents();
    expect(rows.slice(1).map((row) => /Alpha|Beta|Mike|Zulu/.exec(row)?.[0])).toEqual([
      'Mike',
      'Zulu',
      'Alpha',
      'Beta',
    ]);
  });

  it('creates an API key that expires, and shows when it was last used', async () => {
    await shared.watched.open('/api-keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Audit');
    await dialog.getByLabel('Expires').click();
    await page.getByRole('option', { name: 'In 90 days' }).click();
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByRole('group', { name: 'API key' }).waitFor();
    const key = console.service.watch((await dialog.locator('code').textContent()) ?? '');
    await dialog.getByRole('button', { name: 'Done' }).click();
    const item = page.getByRole('listitem').filter({ hasText: 'Audit' });
    await item.getByText('Never').waitFor();
    await item.getByText(/^in (2|3) months$/).waitFor();
    await console.service.call('GET', '/api/v1/session', { token: key });
    await page.reload();
    await item.getByText('just now').last().waitFor();
    expect(await item.getByText('Never').count()).toBe(0);
  });

  it('shows who changed what, filtered by connection, action and actor, only with full access', async () => {
    await shared.watched.open('/connections');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }).click();
    const rows = page.getByRole('table', { name: 'Audit entries' }).locator('tbody').getByRole('row');
    const newest = rows.first();
    await newest.waitFor();
    const total = page.getByText(/^\d+ entr(y|ies)$/);
    const all = await total.textContent();
    const update = rows.filter({ hasText: 'Connection updated' }).filter({ hasText: 'SendGrid Production' });
    expect(await update.first().textContent()).toContain('fromEmail');
    await update.first().getByRole('link', { name: 'SendGrid Production' }).click();
    await total.filter({ hasNotText: all ?? '' }).waitFor();
    const about = await page.locator('[data-column="About"]').allTextContents();
    expect([...new Set(about)]).toEqual(['SendGrid Production']);
    expect(await page.getByRole('combobox', { name: 'Connection' }).inputValue()).toBe('SendGrid Production');
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'Connection created' }).click();
    await page.getByText('1 entry').waitFor();
    expect(await newest.textContent()).toMatch(/^Connection created/);
    await page.getByRole('searchbox', { name: 'Actor' }).fill('user:nobody');
    await page.getByRole('heading', { name: 'No matching entries' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await total.filter({ hasText: all ?? '' }).waitFor();
    expect(new URL(page.url()).search).toBe('');

    const reader = await shared.another(await console.service.tokenFor('default', 'read'));
    await reader.open('/audit');
    await reader.page.getByRole('heading', { name: 'You need full access to read the audit' }).waitFor();
    const links = reader.page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    expect(await links.allTextContents()).toEqual(['SMTP', 'Live events', 'Statistics', 'API docs']);
  });

  it('lists suppressed addresses, adds, imports and removes them, as far as the access of the user reaches', async () => {
    await shared.watched.open('/connections');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Suppressions' }).click();
    await page.getByRole('button', { name: 'Add address' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('ada');
    await dialog.getByRole('button', { name: 'Suppress' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'not an email address' }).waitFor();
    await dialog.getByLabel('Address').fill('Ada@suppressed.example');
    await dialog.getByLabel('Note').fill('Asked by phone');
    await dialog.getByRole('button', { name: 'Suppress' }).click();
    const rows = page.getByRole('table', { name: 'Suppressed addresses' }).locator('tbody').getByRole('row');
    const ada = rows.filter({ hasText: 'ada@suppressed.example' });
    expect(await ada.textContent()).toMatch(/Added.*Asked by phone/);

    await page.getByRole('button', { name: 'Import' }).click();
    const csv = `name;email\nEve;eve@suppressed.example\nAda;ada@suppressed.example\nBob;none\n`;
    const chooser = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'File' }).click();
    await (await chooser).setFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await dialog.getByRole('button', { name: 'Import' }).click();
    await dialog.getByText('Line 4').waitFor();
    expect(await dialog.locator('dl').textContent()).toBe('Added1Already suppressed1Skipped1');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await rows.filter({ hasText: 'eve@suppressed.example' }).waitFor();

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).click();
    expect((await download).suggestedFilename()).toBe('suppressions.csv');

    for (const scheme of ['light', 'dark'] as const) {
      expect(await violationsOn(page, scheme)).toEqual([]);
    }
    await page.getByRole('combobox', { name: 'Reason' }).click();
    await page.getByRole('option', { name: 'Imported' }).click();
    await ada.waitFor({ state: 'detached' });
    await page.getByRole('searchbox', { name: 'Address (exact)' }).fill('nobody@suppressed.example');
    await page.getByRole('heading', { name: 'No matching addresses' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('button', { name: 'Remove ada@suppressed.example' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await ada.waitFor({ state: 'detached' });
    await rows.filter({ hasText: 'eve@suppressed.example' }).waitFor();

    const sender = await shared.another(await console.service.tokenFor('default', 'send'));
    await sender.open('/suppressions');
    await sender.page.getByRole('button', { name: 'Add address' }).waitFor();
    for (const name of ['Import', 'Remove']) expect(await sender.page.getByRole('button', { name }).count()).toBe(0);
    const reader = await shared.another(await console.service.tokenFor('default', 'read'));
    await reader.open('/suppressions');
    await reader.page.getByRole('heading', { name: 'You need the Send role to see suppressions' }).waitFor();
  });

  it('covers the whole window behind a dialog', async () => {
    await shared.watched.open(`/connections/${production}/settings`);
    await labelled(page, 'Name').waitFor();
    const before = await page.getByRole('heading', { level: 1 }).boundingBox();
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor();
    const gap = await page.evaluate<number>(
      `innerWidth - document.querySelector('.mantine-Modal-overlay').getBoundingClientRect().width`,
    );
    expect(gap).toBe(0);
    expect(await page.locator('h1').boundingBox()).toEqual(before);
  });
});
