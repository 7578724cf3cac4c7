// Starts the built service and a local mailbox, sends one email, checks that it arrives and that the service exits with 0.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WAIT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'score-smoke-'));
const children = [];

/** Starts a program. Its `says` resolves with the first match of a pattern on standard output. */
function start(script, environment) {
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, PORT: '0', ...environment } });
  const exited = once(child, 'exit');
  let output = '';
  const says = (pattern) =>
    new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${script} ${why} before ${pattern}:\n${output}`));
      const timer = setTimeout(fail, WAIT_MS, 'took too long');
      const look = () => {
        const match = pattern.exec(output);
        if (match === null) return;
        clearTimeout(timer);
        resolve(match);
      };
      child.stdout.on('data', look);
      child.once('exit', () => fail('ended'));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  children.push(child);
  return { child, exited, says };
}

async function post(url, key, body) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

try {
  const mailbox = start('scripts/mailbox.js', {});
  const service = start('dist/main.js', { DATA_DIR: folder });
  const [, port] = await mailbox.says(/127\.0\.0\.1:(\d+)/);
  const [, url] = await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
  const [key] = await service.says(/sk_[A-Za-z0-9_-]{43}/);
  const { id } = await post(`${url}/api/v1/connections`, key, {
    name: 'Local mailbox',
    vendor: 'smtp',
    fromEmail: 'news@sender.example',
    settings: { host: '127.0.0.1', port: Number(port), secure: false, username: 'relay', password: 'open sesame' },
  });
  const to = [{ email: 'ada@recipient.example' }];
  await post(`${url}/api/v1/connections/${id}/messages`, key, { to, subject: 'Smoke test', text: 'It works.' });
  await mailbox.says(/To {7}ada@recipient\.example\nSubject {2}Smoke test/);
  const page = await fetch(url);
  if (!page.ok) throw new Error(`The console answered ${page.status}.`);
  service.child.kill('SIGTERM');
  const [code] = await service.exited;
  if (code !== 0) throw new Error(`The service exited with ${code}.`);
  process.stdout.write(`Node ${process.version}: one email was sent and arrived, and the service stopped.\n`);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
