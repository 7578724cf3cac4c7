import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TestProcess } from '../support/process.ts';

const MAIN = 'scripts/sandbox/main.js';

jest.setTimeout(120_000);

describe('the sandbox of all vendors, as a process', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'score-sandbox-test-'));
  });
  afterEach(() => {
    TestProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The printed commands, with a line between the outputs of two sections. */
  async function printedTour(sandbox: TestProcess): Promise<string> {
    const [script] = await sandbox.says(/^export API=[^]*^# Done\.$/m);
    return script.replaceAll('\n\n', '\necho ======\n');
  }

  it('prints a tour that works as printed, and leaves nothing when it ends', async () => {
    const sandbox = new TestProcess(MAIN, [], { PORT: '0', TMPDIR: folder });
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-eu', '-c', await printedTour(sandbox)], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    const answers = stdout
      .split('======\n')
      .map((section) =>
        section
          .trim()
          .split('\n')
          .filter((line) => line.startsWith('{') || line.startsWith('['))
          .map((line) => JSON.parse(line)),
      )
      .filter((section) => section.length > 0);
    const [[clickSent] = [], [events] = [], sent, stats, registered, [relayed] = [], [taken] = [], ...failed] = answers;

    expect(clickSent).toMatchObject({ accepted: ['click@recipient.example'], rejected: [] });
    const told = events.data.map(({ kind, messageId }: any) => `${kind} ${messageId}`);
    const kinds = ['sent', 'queued', 'delivered', 'opened', 'clicked'];
    expect(new Set(told)).toEqual(new Set(kinds.map((kind) => `${kind} ${clickSent.messageId}`)));
    // One for each vendor that has webhooks.
    expect(sent?.length).toBeGreaterThan(2);
    expect(stats).toHaveLength(sent?.length ?? 0);
    for (const { counts } of stats ?? []) expect(counts).toMatchObject({ bounced: 2, complained: 1, deferred: 3 });
    expect(registered?.map(({ state }) => state)).toEqual(sent?.map(() => 'registered'));
    expect(relayed).toMatchObject({
      accepted: ['ada@recipient.example'],
      rejected: [{ error: { code: 'recipient_rejected' } }, { error: { code: 'recipient_deferred' } }],
    });
    expect(taken).toMatchObject([{ recipients: ['ada@recipient.example'], subject: 'Hello' }]);
    expect(failed.map(([{ diagnosis }]: any[]) => diagnosis.error.code)).toEqual([
      'authentication_failed',
      'quota_exceeded',
      'sender_not_verified',
    ]);

    expect(readdirSync(folder)).toHaveLength(1);
    sandbox.kill('SIGINT');
    expect(await sandbox.exited).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    expect(sandbox.stderr).toBe('');
  });

  it('says so and leaves nothing where the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const sandbox = new TestProcess(MAIN, [], { PORT: String(port), TMPDIR: folder });
    expect(await sandbox.exited).toBe(1);
    expect(sandbox.stderr).toContain('choose a free one: PORT=0 npm run sandbox');
    expect(readdirSync(folder)).toEqual([]);
    other.close();
  });
});
