import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { SERVICE, TestProcess } from '../support/process.ts';
import { residentMemory } from '../support/resident-memory.ts';

/** The run takes minutes, and a small one shows nothing about memory. */
const ADDRESSES = 1_000_000;
const ADDRESSES_PER_CHUNK = 1_000;
const MIB = 2 ** 20;
/** From the first to the second half, each at its largest. The file has 35 MiB when it is imported, and 110 MiB when it is exported. */
const MAX_GROWTH = 24 * MIB;

jest.setTimeout(1_200_000);

afterEach(() => TestProcess.endAll());

function addressOf(index: number): string {
  return `reader-${String(index)}@recipient-${String(index % 97)}.example`;
}

/** The resident memory of a process at each tenth of the addresses, as the largest of many samples, in bytes. */
class Memory {
  readonly tenths: number[] = [];

  constructor(private readonly pid: number) {}

  sample(done: number): void {
    const tenth = Math.min(9, Math.floor((done * 10) / ADDRESSES));
    this.tenths[tenth] = Math.max(this.tenths[tenth] ?? 0, residentMemory(this.pid));
  }

  get growth(): number {
    return Math.max(...this.tenths.slice(5)) - Math.max(...this.tenths.slice(0, 5));
  }

  toString(): string {
    return `${this.tenths.map((bytes) => (bytes / MIB).toFixed(0)).join(', ')} MiB at each tenth`;
  }
}

describe.each(DATABASES)('one million suppressions on %s', (kind) => {
  it('are imported and exported without more memory', async () => {
    const database = await createDatabase(kind);
    const service = new TestProcess(SERVICE, [], {
      DATABASE_URL: database.url,
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      LOG_LEVEL: 'error',
      PORT: '0',
      // What the process keeps in its heap must fit, and garbage is collected before it grows.
      NODE_OPTIONS: '--max-old-space-size=128',
    });
    const [, url = ''] = await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
    const [, token = ''] = await service.says(/API key\s+(\S+)/);
    const headers = { authorization: `Bearer ${token}` };

    const importing = new Memory(service.pid ?? 0);
    async function* file(): AsyncGenerator<Buffer, undefined> {
      for (let index = 0; index < ADDRESSES; index += ADDRESSES_PER_CHUNK) {
        const addresses = Array.from({ length: ADDRESSES_PER_CHUNK }, (_, offset) => addressOf(index + offset));
        yield Buffer.from(`${addresses.join('\n')}\n`);
        importing.sample(index);
      }
    }
    const begun = performance.now();
    const imported = await fetch(`${url}/api/v1/suppressions/import`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/csv' },
      body: Readable.toWeb(Readable.from(file(), { highWaterMark: 1 })) as ReadableStream,
      duplex: 'half',
    });
    expect(await imported.json()).toMatchObject({ added: ADDRESSES, alreadySuppressed: 0, invalid: 0 });
    importing.sample(ADDRESSES);
    const importSeconds = (performance.now() - begun) / 1_000;

    const exporting = new Memory(service.pid ?? 0);
    const exported = await fetch(`${url}/api/v1/suppressions/export`, { headers });
    const lines = createInterface({ input: Readable.fromWeb(exported.body as never), crlfDelay: Infinity });
    const found = new Set<number>();
    let count = -1;
    for await (const line of lines) {
      const index = Number(/^reader-(\d+)@/.exec(line)?.[1]);
      if (line.startsWith(`${addressOf(index)},list_import,`)) found.add(index);
      count++;
      if (count % ADDRESSES_PER_CHUNK === 0) exporting.sample(count);
    }
    const exportSeconds = (performance.now() - begun) / 1_000 - importSeconds;
    process.stdout.write(
      `${kind}: import ${importSeconds.toFixed(0)} s, ${String(importing)}; export ${exportSeconds.toFixed(0)} s, ${String(exporting)}\n`,
    );
    // Each once, after the header.
    expect([count, found.size]).toEqual([ADDRESSES, ADDRESSES]);
    expect(importing.growth).toBeLessThan(MAX_GROWTH);
    expect(exporting.growth).toBeLessThan(MAX_GROWTH);
    service.kill('SIGTERM');
    await service.exited;
    await database.drop();
  });
});
