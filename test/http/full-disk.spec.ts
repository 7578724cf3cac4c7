import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const ROUNDS = process.env['TEST_LONG'] === '1' ? 5 : 2;
const PADDING = { note: 'x'.repeat(3_000) };

/** Fills the disk of an SQLite file and frees it again. */
interface Room {
  take(): Promise<void>;
  giveBack(): Promise<void>;
}

function diskRoom(disk: SmallDisk): Room {
  return { take: async () => disk.fill(64 * 1024), giveBack: async () => disk.free() };
}

/** Where nothing may be mounted, SQLite itself is given a limit. */
function pageLimit(service: TestService): Room {
  const pragma = (text: string): Promise<any[]> => service.app.get(UnitOfWork).read((tx) => tx.query(`PRAGMA ${text}`));
  return {
    take: async () => {
      const [{ page_count: pages }] = await pragma('page_count');
      await pragma(`max_page_count = ${String(Number(pages) + 4)}`);
    },
    giveBack: async () => void (await pragma('max_page_count = 1000000')),
  };
}

it('stores all it answered 200 for, when the disk was full and is free again', async () => {
  const disk = SmallDisk.mount(8);
  const database = await createDatabase('SQLite');
  const service = await TestService.start(
    disk === undefined ? database : { ...database, url: `sqlite:${join(disk.folder, 'test.sqlite')}` },
  );
  const room = disk === undefined ? pageLimit(service) : diskRoom(disk);
  const hook = await SendgridWebhook.create(service);
  const acknowledged: string[] = [];
  const statuses: number[] = [];
  const post = async (): Promise<number> => {
    const recipient = `${String(statuses.length)}@r.example`;
    const event = vendorEvent('delivered', { ...PADDING, email: recipient });
    const { status } = await hook.post([event]);
    if (status === 200) acknowledged.push(recipient);
    statuses.push(status);
    return status;
  };

  for (let round = 0; round < ROUNDS; round++) {
    expect(await post()).toBe(200);
    await room.take();
    for (let index = 0; index < 40; index++) await post();
    expect(statuses).toContain(503);
    const created = await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
    await room.giveBack();
    for (let index = 0; index < 20; index++) expect(await post()).toBe(200);
    const found = await service.call('GET', `/api/v1/connections/${String(created.body.id)}`);
    if (created.status === 201) expect(found.status).toBe(200);
  }
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  await service.stop();

  const again = await TestService.start(service.database);
  const rows = await again.app
    .get(UnitOfWork)
    .read((tx) => tx.query<{ recipient: string }[]>('SELECT recipient FROM email_events'));
  const stored = new Set(rows.map((row) => row.recipient));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  await again.stop();
  disk?.unmount();
  await database.drop();
}, 120_000);
