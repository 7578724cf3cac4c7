import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable'];

/**
 * Finds Chromium: the one that `CHROMIUM_PATH` names, else an installed one, else one that is installed with apt-get where
 * that is possible.
 * @throws Error that says what to do.
 */
export function findChromium(): string {
  const configured = process.env['CHROMIUM_PATH'];
  if (configured !== undefined) return configured;
  const installed = INSTALLED.find(existsSync);
  if (installed !== undefined) return installed;
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'inherit' });
    return '/usr/bin/chromium';
  } catch (cause) {
    throw new Error('The tests of the page need Chromium: install it, or set CHROMIUM_PATH=/path/to/it.', { cause });
  }
}
