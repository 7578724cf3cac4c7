import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import type { Browser, Page } from 'playwright-core';
import type { Configuration } from '../../src/config/configuration.ts';
import { launchBrowser, until, type View, WatchedPage } from './browser.ts';
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
    return WatchedPage.create(this.browser, this.service.url, view);
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

/** The service, the sandboxes and the browser start at the same time as those of other suites. */
const START_MS = 180_000;

export interface SharedConsole {
  readonly console: ConsoleUnderTest;
  /** The page of a user with full access. All tests of the file use it, one after the other. */
  readonly watched: WatchedPage;
  readonly page: Page;
  /**
   * A page of its own, until the end of the test.
   * @param key of its session; null for a page without a session
   */
  readonly another: (key?: string | null, view?: View) => Promise<WatchedPage>;
}

/**
 * Starts one service, one browser and one signed-in page for all tests of a file. After each test, no page may have faults.
 * @param prepare adds what the tests need, before the first of them
 */
export function shareConsole(
  prepare: (console: ConsoleUnderTest) => Promise<void> = async () => undefined,
  overrides: Partial<Configuration> = {},
): SharedConsole {
  let console: ConsoleUnderTest;
  let watched: WatchedPage;
  const others: WatchedPage[] = [];
  beforeAll(async () => {
    console = await ConsoleUnderTest.start(overrides);
    await prepare(console);
    watched = await console.signedIn();
  }, START_MS);
  afterEach(async () => {
    const pages = [watched, ...others];
    await watched.reset();
    for (const other of others.splice(0)) await other.close();
    for (const each of pages) each.assertNoFaults();
  });
  afterAll(() => console.stop());
  return {
    get console() {
      return console;
    },
    get watched() {
      return watched;
    },
    get page() {
      return watched.page;
    },
    another: async (key = console.service.key, view) => {
      const other = key === null ? await console.open(view) : await console.signedIn(key, view);
      others.push(other);
      return other;
    },
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * The violations that axe finds in a color scheme.
 * @param within selector of the only part to check; without it, the whole page
 */
export async function violationsOn(page: Page, colorScheme: 'light' | 'dark', within?: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Colors in transition between the schemes would fail.
  await until(
    page,
    `document.documentElement.getAttribute('data-mantine-color-scheme') === '${colorScheme}' &&
      document.getAnimations().every((one) => !(one instanceof CSSTransition) || one.playState !== 'running')`,
  );
  // The schemes differ only in their colors.
  const onlyColors = colorScheme === 'dark' && process.env['TEST_LONG'] === undefined;
  const runOnly = onlyColors ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: STANDARDS };
  const options = { runOnly, resultTypes: ['violations'], preload: false };
  // A document keeps what was loaded into it, until the next load.
  if (!(await page.evaluate<boolean>(`'axe' in globalThis`))) await page.evaluate(AXE);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify(within ?? 'html')}, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}
