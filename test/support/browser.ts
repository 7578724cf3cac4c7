import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

// The ones from disable-background-networking on keep the browser from calling its maker.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs in the page, before anything else of it. */
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (violation) => {
  reportViolation([violation.effectiveDirective, violation.blockedURI, violation.sample].join(' '));
});`;
/** Longer than a busy machine takes for anything here, and short enough to be waited for. */
const PATIENCE_MS = 20_000;

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
}

/** A page of a browser of its own that remembers what must not have happened. */
export class WatchedPage {
  /** What the content security policy kept from simulatedEvent, errors of scripts, and requests to another host. */
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

  /** @throws Error that names every fault that there was since. */
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
      // What a test brings about on purpose, an answer with 4xx or 5xx, is told there too.
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
        // A page that is left takes its unread answers along.
        response.text().then(
          (text) => traffic.push(text),
          () => undefined,
        );
      }
    });
  }
}
