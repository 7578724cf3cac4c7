import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

// The last three keep the browser from calling its vendor.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs in the page before its own scripts. */
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (violation) => {
  reportViolation([violation.effectiveDirective, violation.blockedURI, violation.sample].join(' '));
});`;
/** Longer than any step takes on a busy machine. */
const PATIENCE_MS = 20_000;

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
}

/** A page in its own browser context that records faults and traffic. */
export class WatchedPage {
  /** Violations of the content security policy, script errors, and requests to other hosts. */
  readonly faults: string[] = [];
  /** Every request and response, with its body: what went over the network. */
  readonly traffic: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly origin: string,
  ) {}

  static async open(browser: Browser, origin: string, view: View = {}): Promise<WatchedPage> {
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
    const watched = new WatchedPage(page, context, origin);
    await watched.watch();
    return watched;
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
    const { page, faults, traffic, origin } = this;
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
      const url = new URL(request.url());
      if (url.origin !== origin && url.protocol !== 'data:' && url.protocol !== 'blob:') {
        faults.push(`another host: ${request.url()}`);
      }
      traffic.push(`${request.url()} ${request.postData() ?? ''}`);
    });
    page.on('response', (response) => {
      if (/json/.test(response.headers()['content-type'] ?? '')) {
        // The body of a response is lost when the page is left.
        response.text().then(
          (text) => traffic.push(text),
          () => undefined,
        );
      }
    });
  }
}
