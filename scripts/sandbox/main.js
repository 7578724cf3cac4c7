// Starts the sandboxes of all vendors and the service, creates a connection to each sandbox through the public API, and prints
// a tour. Listens on PORT, 3000 by default; 0 chooses a free port.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxViewer } from './dist/scripts/sandbox/sandbox-viewer.js';
import { startSandboxes } from './dist/scripts/sandbox/sandboxes.js';
import { connectAll } from './connect-all.js';
import { startService } from './service.js';
import { tour } from './tour.js';

const SENDER = 'news@sender.example';
const folder = mkdtempSync(join(tmpdir(), 'score-sandbox-'));
const sandboxes = await startSandboxes({ verifiedSenders: [SENDER] });
const viewer = await SandboxViewer.start(sandboxes);
let isAsked = false;
const asked = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      isAsked = true;
      resolve();
    });
  }
});
let service;

try {
  service = await startService(Number(process.env['PORT'] ?? 3000), folder, sandboxes.endpoints);
  const connections = await connectAll(service, sandboxes, SENDER);
  process.stdout.write(tour(service, connections, viewer.url, SENDER));
  service.logTo(process.stdout);
  await Promise.race([asked, service.exited]);
  if (!isAsked) throw new Error('The service stopped unexpectedly.');
} catch (error) {
  // Ctrl-C in a terminal also stops the service, possibly during a request.
  if (!isAsked) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
} finally {
  await service?.stop();
  await Promise.all([viewer.close(), sandboxes.close()]);
  rmSync(folder, { recursive: true, force: true });
}
