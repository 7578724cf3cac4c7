import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The headless shell comes first: it draws no window around the page, which is a fifth of what a page costs. */
const INSTALLED = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
];

/**
 * Finds Chromium: at `CHROMIUM_PATH`, otherwise an installed one, otherwise it installs one with apt-get if possible.
 * @throws Error that says how to install it
 */
export function findChromium(): string {
  const configured = process.env['CHROMIUM_PATH'];
  if (configured !== undefined) return configured;
  const installed = INSTALLED.find(existsSync);
  if (installed !== undefined) return installed;
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium-headless-shell'], {
      stdio: 'inherit',
    });
    return '/usr/bin/chromium-headless-shell';
  } catch (cause) {
    throw new Error('The browser tests need Chromium. Install it, or set CHROMIUM_PATH=/path/to/chromium.', { cause });
  }
}
