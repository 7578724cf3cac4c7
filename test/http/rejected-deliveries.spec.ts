import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { createDatabase, DATABASES, batchesOf, ofConnection } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

interface Row {
  readonly status: string;
  readonly body: Buffer | null;
  readonly occurrences: number;
  readonly rejected: number;
  readonly rejected_digest: Buffer | null;
  readonly last_received_at: unknown;
}

describe.each(DATABASES)('rejected deliveries on %s', (kind) => {
  let one: TestService;
  let other: TestService;

  beforeAll(async () => {
    const database = await createDatabase(kind);
    one = await TestService.start(database);
    other = await TestService.start(database);
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
    await one.database.drop();
  });

  const rows = (hook: SendgridWebhook): Promise<Row[]> =>
    one.app.get(UnitOfWork).read((tx) => tx.query(batchesOf(hook.id)));

  /** The same post to the other instance. */
  const postToOther = (hook: SendgridWebhook, body: string) =>
    other.call('POST', hook.path, { token: null, headers: hook.signer.headersFor(Buffer.from(body)), body });

  it('are stored once for each body, however often and wherever they come', async () => {
    const hook = await SendgridWebhook.create(one);
    const body = `{"half${'x'.repeat(100_000)}`;
    const together = Array.from({ length: 6 }, () => [hook.postSigned(body), postToOther(hook, body)]).flat();
    const answers = await Promise.all(together);
    for (let count = 0; count < 3; count++) answers.push(await hook.postSigned(body));
    expect(new Set(answers.map(({ status, body }) => `${String(status)} ${String(body.code)}`))).toEqual(
      new Set(['400 delivery_rejected']),
    );
    const stored = await rows(hook);
    expect(stored).toMatchObject([{ status: 'rejected', occurrences: 15, last_received_at: expect.anything() }]);
    expect(stored[0]?.body?.length).toBeGreaterThan(0);

    await hook.postSigned('{"other');
    await hook.postSigned(body, { headers: { 'content-type': 'text/plain' } });
    expect((await rows(hook)).map(({ occurrences }) => occurrences)).toEqual([15, 1, 1]);
    const { body: webhook } = await one.call('GET', `/api/v1/connections/${hook.id}/webhook`);
    expect(webhook).toMatchObject({
      state: 'failing',
      lastRejectedAt: expect.any(String),
      unauthenticatedReason: null,
    });
  });

  it('belong to their connection', async () => {
    const [first, second] = [await SendgridWebhook.create(one), await SendgridWebhook.create(one)];
    for (const hook of [first, second]) await hook.postSigned('{"half');
    expect([await rows(first), await rows(second)]).toMatchObject([[{ occurrences: 1 }], [{ occurrences: 1 }]]);
  });

  it('with events among their items are stored once too, together or one after the other', async () => {
    const hook = await SendgridWebhook.create(one);
    const body = JSON.stringify([vendorEvent('delivered'), null, vendorEvent('open')]);
    const answers = await Promise.all([hook.postSigned(body), postToOther(hook, body), hook.postSigned(body)]);
    answers.push(await hook.postSigned(body));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const sum = (name: 'accepted' | 'duplicates') => answers.reduce((sum, { body }) => sum + Number(body[name]), 0);
    expect([sum('accepted'), sum('duplicates')]).toEqual([2, 6]);
    expect(await rows(hook)).toMatchObject([{ status: 'accepted', rejected: 1, occurrences: 4 }]);
  });

  it('are stored again where an earlier version read other items of them', async () => {
    const hook = await SendgridWebhook.create(one);
    const body = JSON.stringify([vendorEvent('delivered'), null]);
    await hook.postSigned(body);
    const sql = `UPDATE event_batches SET rejected = 2, accepted = 0 WHERE ${ofConnection(hook.id)}`;
    await one.app.get(UnitOfWork).write(async (tx) => {
      await tx.query(sql);
      await tx.query(`DELETE FROM email_events WHERE ${ofConnection(hook.id)}`);
    });
    expect((await hook.postSigned(body)).body).toEqual({ accepted: 1, duplicates: 0 });
    const [, second] = await rows(hook);
    expect([second?.rejected_digest, second?.occurrences, second?.body === null]).toEqual([null, 1, false]);
  });

  it('do not include those that are readable: a repetition keeps no body', async () => {
    const hook = await SendgridWebhook.create(one);
    const body = JSON.stringify([vendorEvent('delivered')]);
    await hook.postSigned(body);
    await hook.postSigned(body);
    const stored = await rows(hook);
    expect(stored.map(({ body, rejected_digest }) => [body === null, rejected_digest])).toEqual([
      [false, null],
      [true, null],
    ]);
  });
});
