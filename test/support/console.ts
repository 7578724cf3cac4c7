import { setTimeout as delay } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Sandboxes, startSandboxes } from '@score-crm/sandbox';
import type { Browser, Page } from 'playwright-core';
import type { Configuration } from '../../src/config/configuration.ts';
import { launchBrowser, type View, WatchedPage } from './browser.ts';
import { createDatabase } from './databases.ts';
import { freePort } from './free-port.ts';
import { TestService } from './service.ts';

export const SENDER = 'news@sender.example';

/** The service with its page, the sandboxes of all vendors behind it and a browser before it. */
export class ConsoleUnderTest {
  private constructor(
    readonly service: TestService,
    readonly sandboxes: Sandboxes,
    readonly browser: Browser,
  ) {}

  static async start(overrides: Partial<Configuration> = {}): Promise<ConsoleUnderTest> {
    const sandboxes = await startSandboxes({ paceMs: 5, verifiedSenders: ['@sender.example'] });
    const port = await freePort();
    const service = await TestService.start(await createDatabase('SQLite'), {
      port,
      publicUrl: `http://127.0.0.1:${String(port)}`,
      vendorEndpoints: sandboxes.endpoints,
      ...overrides,
    });
    return new ConsoleUnderTest(service, sandboxes, await launchBrowser());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.sandboxes.close();
    await this.service.stop();
    await this.service.database.drop();
  }

  /** A connection over the API, to begin with. */
  async connect(vendor: string, name: string, changes: object = {}): Promise<string> {
    const sandbox = this.sandboxes.byVendor.get(vendor);
    if (sandbox === undefined) throw new Error(`There is no sandbox of ${vendor}.`);
    const body = { name, vendor, fromEmail: SENDER, settings: { ...sandbox.settings, ...changes } };
    const created = await this.service.call('POST', '/api/v1/connections', { body });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return String(created.body.id);
  }

  /** A page of somebody who is not signed in. */
  open(view?: View): Promise<WatchedPage> {
    return WatchedPage.open(this.browser, this.service.url, view);
  }

  /** A page of somebody who is, with the rights of the key. */
  async signedIn(key: string = this.service.key, view?: View): Promise<WatchedPage> {
    const watched = await this.open(view);
    // As the page itself does it; the answer's cookie is the browser's.
    const answer = await watched.page.request.post('/api/v1/session', { data: { token: key } });
    if (!answer.ok()) throw new Error(await answer.text());
    return watched;
  }
}

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const POLL_MS = 50;
const PATIENCE_MS = 20_000;

/** Waits for something of the page. Playwright's own way to do so needs `eval`, which the page's policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await page.evaluate<boolean>(expression));) {
    if (Date.now() > end) throw new Error(`It never came to be: ${expression}`);
    await delay(POLL_MS);
  }
}

/** What axe finds on the page as it is, in the light or in the dark, in words; empty where it finds nothing. */
export async function violationsOn(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Colours that are on their way from one scheme to the other are none that anybody reads.
  await until(
    page,
    `document.documentElement.getAttribute('data-mantine-color-scheme') === '${colorScheme}' &&
      document.getAnimations().every((one) => !(one instanceof CSSTransition) || one.playState !== 'running')`,
  );
  // There are no frames, for which it would open a page of its own each time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  // The two schemes differ in their colours and in nothing else.
  const isColoursAlone = colorScheme === 'dark' && process.env['TEST_LONG'] === undefined;
  const { violations } = await (isColoursAlone ? axe.withRules('color-contrast') : axe.withTags(STANDARDS)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}
