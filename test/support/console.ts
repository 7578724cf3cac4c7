import { setTimeout as delay } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import type { Browser, Page } from 'playwright-core';
import type { Configuration } from '../../src/config/configuration.ts';
import { launchBrowser, type View, WatchedPage } from './browser.ts';
import { createDatabase } from './databases.ts';
import { freePort } from './free-port.ts';
import { TestService } from './service.ts';

export const SENDER = 'news@sender.example';

/** The service with its console, the sandboxes of all vendors, and a browser. */
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

  /** Creates a connection to a sandbox over the API. @returns its id */
  async connect(vendor: string, name: string, changes: object = {}): Promise<string> {
    const sandbox = this.sandboxes.byVendor.get(vendor);
    if (sandbox === undefined) throw new Error(`There is no sandbox of ${vendor}.`);
    const body = { name, vendor, fromEmail: SENDER, settings: { ...sandbox.settings, ...changes } };
    const created = await this.service.call('POST', '/api/v1/connections', { body });
    if (created.status !== 201) throw new Error(JSON.stringify(created.body));
    return String(created.body.id);
  }

  /** A page without a session. */
  open(view?: View): Promise<WatchedPage> {
    return WatchedPage.open(this.browser, this.service.url, view);
  }

  /** A page with a session of this key. */
  async signedIn(key: string = this.service.key, view?: View): Promise<WatchedPage> {
    const watched = await this.open(view);
    // The browser's context keeps the cookie.
    const answer = await watched.page.request.post('/api/v1/session', { data: { token: key } });
    if (!answer.ok()) throw new Error(await answer.text());
    return watched;
  }
}

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const POLL_MS = 50;
const PATIENCE_MS = 20_000;

/** Waits until an expression is true in the page. Playwright's own method needs `eval`, which the page's policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await page.evaluate<boolean>(expression));) {
    if (Date.now() > end) throw new Error(`Still not true: ${expression}`);
    await delay(POLL_MS);
  }
}

/** The violations that axe finds on the page in a color scheme. */
export async function violationsOn(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Colors in transition between the schemes would fail.
  await until(
    page,
    `document.documentElement.getAttribute('data-mantine-color-scheme') === '${colorScheme}' &&
      document.getAnimations().every((one) => !(one instanceof CSSTransition) || one.playState !== 'running')`,
  );
  // Without frames, the legacy mode avoids opening an extra page each time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  // The schemes differ only in their colors.
  const onlyColors = colorScheme === 'dark' && process.env['TEST_LONG'] === undefined;
  const { violations } = await (onlyColors ? axe.withRules('color-contrast') : axe.withTags(STANDARDS)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}
