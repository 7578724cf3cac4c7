import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Page, type Request, type Response } from 'playwright-core';
import { findChromium } from './chromium.ts';

// The last three keep the browser from calling its vendor. There is one renderer for all pages, since each costs a start and no
// page is of another site. Scripts are not optimized: no page runs long enough to gain what that costs.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
  '--js-flags=--no-maglev --no-turbofan',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs in the page before its own scripts. */
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (violation) => {
  reportViolation([violation.effectiveDirective, violation.blockedURI, violation.sample].join(' '));
});`;
/** Longer than any step takes on a busy machine. */
const PATIENCE_MS = 60_000;
const POLL_MS = 20;

/** Whether the page has its heading, no placeholders for data, and painted both. */
const IS_SHOWN = `new Promise((resolve) => {
  const look = () => resolve(document.querySelector('h1') !== null && document.querySelector('[aria-busy="true"], .mantine-Skeleton-root') === null);
  requestAnimationFrame(() => requestAnimationFrame(look));
})`;

/** The page that does not exist. */
const LEFT = '/nowhere';
/**
 * Leaves the page, its unsaved values, its dialogs, messages and data, and keeps the console loaded. False if something stays:
 * another document, or a dialog that belongs to no page.
 */
const LEAVE = `(async () => {
  const router = globalThis.__TSR_ROUTER__;
  const queryClient = router?.options.context?.queryClient;
  if (queryClient === undefined) return false;
  await router.navigate({ href: '${LEFT}', ignoreBlocker: true });
  for (const button of document.querySelectorAll('.mantine-Notification-closeButton')) button.click();
  const isClear = () => document.querySelector('[role="dialog"], [role="alert"], .mantine-Notification-root') === null;
  for (let frame = 0; frame < 30 && !isClear(); frame++) await new Promise(requestAnimationFrame);
  queryClient.removeQueries({ type: 'inactive' });
  queryClient.getMutationCache().clear();
  return isClear() && location.pathname === '${LEFT}';
})()`;

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
}

/** A page in its own browser context that records faults. */
export class WatchedPage {
  /** Violations of the content security policy, script errors, and requests to other hosts. */
  readonly faults: string[] = [];
  /** What is on its way. */
  private readonly pending = new Set<Request | Response>();

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly origin: string,
    private readonly view: Required<View>,
  ) {}

  static async create(browser: Browser, origin: string, view: View = {}): Promise<WatchedPage> {
    const { width = 1280, height = 800, colorScheme = 'light' } = view;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      baseURL: origin,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      timezoneId: 'Europe/Berlin',
      locale: 'en-GB',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const watched = new WatchedPage(page, context, origin, { width, height, colorScheme });
    await watched.watch();
    return watched;
  }

  /** Opens a page of the console, and waits until all its data are shown. */
  async visit(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settled();
  }

  /** Opens a page of the console, without loading the console if `reset` has left it loaded, and waits for its data. */
  async open(path: string): Promise<void> {
    if (new URL(this.page.url()).pathname === LEFT) await this.go(path);
    else await this.visit(path);
  }

  /** Goes to another page of the console that is open, without loading the console again, and waits for its data. */
  async go(path: string): Promise<void> {
    // The router of the console, where TanStack's development tools find it.
    await this.page.evaluate(`__TSR_ROUTER__.navigate({ href: ${JSON.stringify(path)} })`);
    await this.settled();
  }

  /** Loads the data of the open page now, as it would do by itself after some seconds. */
  async refresh(): Promise<void> {
    await this.page.evaluate(`__TSR_ROUTER__.options.context.queryClient.refetchQueries({ type: 'active' })`);
  }

  /** Follows the link of the connection's navigation to a path, without loading the console again, and waits for its data. */
  async openTab(path: string): Promise<void> {
    const link = this.page.locator(`nav[aria-label="Connection"] a[href="${path}"]`);
    await link.click();
    await link.and(this.page.locator('[aria-current="page"]')).waitFor();
    await this.settled();
  }

  /** Waits until the page shows all its data, and no request is on its way. */
  async settled(): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; ; await delay(POLL_MS)) {
      const isQuiet = this.pending.size === 0;
      if ((await this.page.evaluate<boolean>(IS_SHOWN)) && isQuiet && this.pending.size === 0) return;
      if (Date.now() > end) throw new Error(`${this.page.url()} still loads.`);
    }
  }

  /** Leaves the page, and undoes what a test did to the window: its routes, its size and its colors. */
  async reset(): Promise<void> {
    const { width, height, colorScheme } = this.view;
    await this.page.unrouteAll({ behavior: 'ignoreErrors' });
    if (!(await this.page.evaluate<boolean>(LEAVE))) await this.page.goto('about:blank');
    // The browser does not always report the end of requests whose page was left.
    this.pending.clear();
    await this.page.setViewportSize({ width, height });
    await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  }

  /** Keeps every request and response from now on, with its body: what goes over the network. */
  recordTraffic(): string[] {
    const traffic: string[] = [];
    const { page, pending } = this;
    page.on('request', (request) => traffic.push(`${request.url()} ${request.postData() ?? ''}`));
    page.on('response', (response) => {
      if (!/json/.test(response.headers()['content-type'] ?? '')) return;
      pending.add(response);
      // The body of a response is lost when the page is left.
      void response
        .text()
        .then((text) => traffic.push(text))
        .catch(() => undefined)
        .finally(() => pending.delete(response));
    });
    return traffic;
  }

  /** @throws Error with every fault since the last call */
  assertNoFaults(): void {
    const faults = this.faults.splice(0);
    if (faults.length > 0) throw new Error(`The browser reports:\n${faults.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private async watch(): Promise<void> {
    const { page, faults, pending, origin } = this;
    await page.exposeBinding('reportViolation', (_source, violation: string) => {
      faults.push(`policy: ${violation}`);
    });
    await page.addInitScript({ content: REPORT_VIOLATIONS });
    page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
    page.on('console', (message) => {
      // The browser also logs responses with 4xx or 5xx, which tests cause on purpose.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
        faults.push(`console: ${message.text()}`);
      }
    });
    page.on('request', (request) => {
      // A stream of events stays open.
      if (request.resourceType() !== 'eventsource') pending.add(request);
      const url = new URL(request.url());
      if (url.origin !== origin && !['about:', 'blob:', 'data:'].includes(url.protocol)) {
        faults.push(`another host: ${request.url()}`);
      }
    });
    page.on('requestfinished', (request) => pending.delete(request));
    page.on('requestfailed', (request) => pending.delete(request));
  }
}

/** Waits until an expression is true in the page. Playwright's own method needs `eval`, which the page's policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await page.evaluate<boolean>(expression));) {
    if (Date.now() > end) throw new Error(`Still not true: ${expression}`);
    await delay(POLL_MS);
  }
}
