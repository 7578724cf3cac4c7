// The sandbox of a vendor. What it has received is shown at CONTROL_PORT, once.
//
// Environment: VENDOR, CONTROL_PORT
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SandboxServer, StartSandbox, VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { ROOT } from '../support/process.ts';

/** What a sandbox has received since the last request. */
export interface Received {
  /** The base URL of its API. */
  readonly url: string;
  readonly settings: VendorSandbox['settings'];
  readonly requests: number;
  readonly emails: number;
  /** The number of different recipients. */
  readonly recipients: number;
}

const { VENDOR = '', CONTROL_PORT } = process.env;
const compiled = join(ROOT, 'scripts/sandbox/dist/libs', `adapter-${VENDOR}`, 'sandbox/index.js');
const { startSandbox } = (await import(pathToFileURL(compiled).href)) as { startSandbox: StartSandbox };
const sandbox = (await startSandbox({})) as SandboxServer & VendorSandbox & { mails: VendorSandbox['mails'][number][] };

createServer((_request, response) => {
  const { url, settings, requests, mails } = sandbox;
  const recipients = new Set(mails.flatMap((mail) => mail.recipients)).size;
  response.end(JSON.stringify({ url, settings, requests, emails: mails.length, recipients } satisfies Received));
  mails.length = 0;
  sandbox.requests = 0;
}).listen(Number(CONTROL_PORT), '127.0.0.1');
