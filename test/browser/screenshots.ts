import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { WatchedPage } from '../support/browser.ts';
import { ConsoleUnderTest } from '../support/console.ts';
import { fillConnection } from '../support/filled-connection.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

const FOLDER = 'screenshots';
/** Copied to docs/screenshots for the README. */
const SHOWN = new Set(['list-1280-light', 'connection-1280-dark', 'test-failed-1280-light']);
const VIEWS = [
  [1280, 'light'],
  [1280, 'dark'],
  [375, 'light'],
  [375, 'dark'],
] as const;

/** `npm run screenshots`: every page in two widths and both color schemes. */
describe('screenshots', () => {
  let console: ConsoleUnderTest;
  let id: string;
  let bare: string;
  let hook: SendgridWebhook;
  let hookOwner: string;

  beforeAll(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER);
    console = await ConsoleUnderTest.start();
    await console.connect('smtp', 'Office relay');
    await console.connect('mailgun', 'Mailgun EU');
    bare = await console.connect('sparkpost', 'SparkPost Journeys');
    await console.connect('smtpcom', 'SMTP.com Newsletters');
    id = await console.connect('sendgrid', 'SendGrid Production');
    await fillConnection(console, id);
    hookOwner = await console.service.tokenFor('webhooks');
    hook = await SendgridWebhook.create(console.service, hookOwner);
    await receiveRequests(console, hook, hookOwner);
  });
  afterAll(async () => {
    await console.stop();
  });

  const pages = (): [name: string, path: string, prepare?: (page: Page) => Promise<void>][] => [
    ['list', '/connections'],
    ['list-no-match', '/connections?search=nothing-like-this'],
    ['vendors', '/connections/new'],
    ['form-smtp', '/connections/new?vendor=smtp'],
    [
      'form-faults',
      '/connections/new?vendor=sparkpost',
      async (page) => {
        await page.getByRole('button', { name: 'Save' }).click();
        await page.locator('[aria-invalid="true"]').first().waitFor();
      },
    ],
    ['connection', `/connections/${id}`],
    ['test', `/connections/${id}/test`],
    [
      'test-failed',
      `/connections/${id}/test`,
      async (page) => {
        await page.getByLabel('From email').fill('someone@elsewhere.example');
        await page.getByLabel('Recipients').fill('ada@recipient.example');
        await page.getByRole('button', { name: 'Send Test' }).click();
        await page.getByText('Failed').first().waitFor();
      },
    ],
    ['webhook', `/connections/${id}/webhook`],
    ['webhook-not-set-up', `/connections/${bare}/webhook`],
    ['events', `/connections/${id}/events`],
    [
      'events-filtered',
      `/connections/${id}/events?kind=opened,delivered&domain=recipient.example&from=2026-01-01T00:00:00Z`,
    ],
    [
      'event',
      `/connections/${id}/events?kind=bounced`,
      async (page) => {
        await page.getByRole('main').getByRole('table').getByRole('link').first().click();
        await page.getByRole('dialog').waitFor();
      },
    ],
    ['events-empty', `/connections/${bare}/events`],
    ['used-by', `/connections/${id}/used-by`],
    ['settings', `/connections/${id}/settings`],
    [
      'delete-blocked',
      `/connections/${id}/settings`,
      async (page) => {
        await page.getByRole('button', { name: /^Delete/ }).click();
        await page.getByRole('dialog').getByText('Spring sale').waitFor();
      },
    ],
    [
      'delete',
      `/connections/${bare}/settings`,
      async (page) => {
        await page.getByRole('button', { name: /^Delete/ }).click();
        await page.getByRole('dialog').getByText('30 days').waitFor();
      },
    ],
    [
      'test-dialog',
      '/connections',
      async (page) => {
        await page.getByRole('button', { name: 'Test Connection' }).click();
        await page.getByRole('dialog').getByLabel('Recipients').waitFor();
      },
    ],
    ['api-keys', '/api-keys'],
    [
      'api-key-new',
      '/api-keys',
      async (page) => {
        await page.getByRole('button', { name: 'Create API key' }).click();
        await page.getByRole('dialog').getByLabel('Name').waitFor();
      },
    ],
    ['statistics', '/statistics'],
    ['suppressions', '/suppressions'],
    [
      'suppressions-import',
      '/suppressions',
      async (page) => {
        await page.getByRole('button', { name: 'Import' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'File' }).waitFor();
      },
    ],
    ['not-found', '/nowhere'],
  ];

  const activityPages = (): ReturnType<typeof pages> => [
    ['webhook-activity', `/connections/${hook.id}/webhook`],
    [
      'webhook-request',
      `/connections/${hook.id}/webhook`,
      async (page) => {
        await page.getByRole('link', { name: /^Partly accepted/ }).click();
        await page.getByRole('dialog').getByRole('region', { name: 'Body of the request' }).waitFor();
      },
    ],
    [
      'webhook-sample',
      `/connections/${hook.id}/webhook?status=unauthenticated`,
      async (page) => {
        await page.getByRole('link', { name: /^Unauthenticated/ }).click();
        await page.getByRole('dialog').getByRole('region', { name: 'Body of the request' }).waitFor();
      },
    ],
    [
      'webhook-reprocess',
      `/connections/${hook.id}/webhook`,
      async (page) => {
        await page.getByRole('button', { name: 'Process rejected again' }).click();
        await page.getByRole('dialog').getByText('not stored twice').waitFor();
      },
    ],
  ];

  it.each(VIEWS)(
    '%d wide, %s',
    async (width, colorScheme) => {
      const view = { width, height: width === 375 ? 740 : 800, colorScheme };
      const stranger = await console.open(view);
      await stranger.visit('/sign-in');
      await shoot(stranger, `sign-in-${String(width)}-${colorScheme}`);
      const newcomer = await console.signedIn(await console.service.tokenFor('newcomers'), view);
      await newcomer.visit('/connections');
      await newcomer.page.getByText('Connect your first email vendor').waitFor();
      await shoot(newcomer, `list-empty-${String(width)}-${colorScheme}`);
      const watched = await console.signedIn(undefined, view);
      const owner = await console.signedIn(hookOwner, view);
      const all = [
        ...pages().map((each) => [watched, ...each] as const),
        ...activityPages().map((each) => [owner, ...each] as const),
      ];
      for (const [user, name, path, prepare] of all) {
        await user.visit(path);
        await prepare?.(user.page);
        await shoot(user, `${name}-${String(width)}-${colorScheme}`);
      }
      await Promise.all([stranger, newcomer, watched, owner].map((one) => one.close()));
    },
    300_000,
  );
});

/** Requests of every status, and a job that processed them again. */
async function receiveRequests({ service }: ConsoleUnderTest, hook: SendgridWebhook, token: string): Promise<void> {
  const known = [vendorEvent('delivered'), vendorEvent('open')];
  await hook.post(known);
  for (let count = 0; count < 3; count++) await hook.post([vendorEvent('delivered'), vendorEvent('click')]);
  await hook.postSigned(JSON.stringify([vendorEvent('bounce'), null, { event: 'open' }]));
  await hook.post(known);
  for (let count = 0; count < 12; count++) await hook.postSigned('event=delivered&email=ada%40recipient.example');
  const headers = hook.signer.headersFor(Buffer.from('another body'));
  for (let count = 0; count < 4; count++) await hook.postAs(JSON.stringify([vendorEvent('open')]), headers);
  await service.app.get(UnauthenticatedSamples).flush();
  const body = { from: '1970-01-01T00:00:00Z', to: new Date().toISOString() };
  await service.call('POST', `/api/v1/connections/${hook.id}/deliveries/reprocess`, { token, body });
}

async function shoot(watched: WatchedPage, name: string): Promise<void> {
  await watched.settled();
  const { page } = watched;
  const path = join(FOLDER, `${name}.png`);
  await page.evaluate('scrollTo(0, 0)');
  // A dialog covers the window, not the whole page.
  const isWhole = (await page.getByRole('dialog').count()) === 0;
  await page.screenshot({ path, fullPage: isWhole, animations: 'disabled' });
  if (SHOWN.has(name)) {
    mkdirSync('docs/screenshots', { recursive: true });
    copyFileSync(path, join('docs/screenshots', `${name}.png`));
  }
}
