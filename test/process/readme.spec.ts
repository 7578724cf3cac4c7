import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { TestProcess } from '../support/process.ts';

/** The commands of the tour, as the README prints them. */
function tour(): string {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/<!-- tour -->\n+```sh\n([^]*?)```/g)];
  return blocks.map(([, commands]) => `${commands ?? ''}\necho; echo ======\n`).join('');
}

afterEach(() => TestProcess.endAll());

it('the README’s tour works as printed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-tour-'));
  const service = new TestProcess('dist/main.js', [], { DATA_DIR: folder, PORT: '0' });
  const mailbox = new TestProcess('scripts/mailbox.js', [], { PORT: '0' });
  const [, url = ''] = await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
  const [key] = await service.says(/sk_[A-Za-z0-9_-]{43}/);
  const [, port = ''] = await mailbox.says(/127\.0\.0\.1:(\d+)/);

  // Only the key, which readers replace as well, and the ports, which a test cannot reserve.
  const script = tour()
    .replace('http://127.0.0.1:3000', url)
    .replace(/sk_…[^\n]*/, key)
    .replace('"port": 1025', `"port": ${port}`);
  // If its input is a socket, bash takes it for a remote login and reads a start-up file.
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-eu', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const [, vendor, created, tested, sent, changed, rejected, used, deleted] = stdout
    .split('\n======\n')
    .map((text) => text.trim());
  expect(JSON.parse(vendor ?? '').fields.map((field: { name: string }) => field.name)).toContain('host');
  expect(JSON.parse(created ?? '')).toMatchObject({ name: 'Local mailbox', secrets: { password: { set: true } } });
  const { diagnosis } = JSON.parse(tested ?? '');
  expect([diagnosis.ok, diagnosis.warnings[0].code]).toEqual([true, 'password_in_clear']);
  const [message, events] = sent?.split(/(?<=^})\n/m).map((text) => JSON.parse(text)) ?? [];
  expect(message).toMatchObject({ accepted: ['ada@recipient.example'], rejected: [] });
  expect(events.data[0]).toMatchObject({ kind: 'sent', messageId: message.messageId });
  expect(JSON.parse(changed ?? '')).toMatchObject({ fromName: 'News', version: 2 });
  expect(JSON.parse(rejected ?? '')).toMatchObject({ status: 422, errors: [{ code: 'secret_required' }] });
  const [claim, inUse, ...more] = used?.split(/(?<=^})\n/m) ?? [];
  expect(JSON.parse(claim ?? '')).toMatchObject({ consumer: 'campaign', active: true });
  expect(JSON.parse(inUse ?? '')).toMatchObject({ status: 409, code: 'connection_in_use', usages: [{ ref: '42' }] });
  expect([more, deleted]).toEqual([[], '']);
  await mailbox.says(/To {7}ada@recipient\.example\nSubject {2}\[TEST\] Local mailbox/);
  await mailbox.says(/Subject {2}Welcome\n\nHello Ada/);

  service.kill('SIGTERM');
  mailbox.kill('SIGTERM');
  expect(await Promise.all([service.exited, mailbox.exited])).toEqual([0, 0]);
  rmSync(folder, { recursive: true, force: true });
}, 180_000);
