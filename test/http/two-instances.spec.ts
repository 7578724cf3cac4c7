import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { vendorBody } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { counted } from '../support/counted.ts';
import { createDatabase, DATABASES, ofConnection } from '../support/databases.ts';
import { SendgridWebhook, type VendorEvent, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const LONG = process.env['TEST_LONG'] === '1';
const INTERLEAVINGS = LONG ? 20 : 6;
const EVENTS = 60;

describe.each(DATABASES)('two instances on one %s', (kind) => {
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

  /** The same events in batches of random sizes, in a random order. */
  function dealt(events: readonly VendorEvent[]): VendorEvent[][] {
    const rest = [...events].sort(() => Math.random() - 0.5);
    const batches: VendorEvent[][] = [];
    while (rest.length > 0) batches.push(rest.splice(0, 1 + Math.floor(Math.random() * 20)));
    return batches;
  }

  async function postTo(service: TestService, hook: SendgridWebhook, batches: VendorEvent[][]) {
    const answers = batches.map(async (batch) => {
      await delay(Math.random() * 20);
      const body = vendorBody(batch).toString();
      return service.call('POST', hook.path, { token: null, headers: hook.signer.headersFor(Buffer.from(body)), body });
    });
    return Promise.all(answers);
  }

  it('store the same events, posted to both, exactly once', async () => {
    const hook = await SendgridWebhook.create(one);
    let accepted = 0;
    for (let round = 0; round < INTERLEAVINGS; round++) {
      const events = Array.from({ length: EVENTS }, (_, index) =>
        vendorEvent('delivered', { email: `r${String(round)}-${String(index)}@r.example` }),
      );
      const answers = await Promise.all([postTo(one, hook, dealt(events)), postTo(other, hook, dealt(events))]);
      expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([200]));
      for (const { body } of answers.flat()) accepted += Number(body.accepted);
    }
    expect(accepted).toBe(INTERLEAVINGS * EVENTS);
    await counted(one.app);
    const [rows, counts] = await one.app
      .get(UnitOfWork)
      .read(async (tx) => [
        await tx.query<{ recipient: string }[]>(`SELECT recipient FROM email_events WHERE ${ofConnection(hook.id)}`),
        await tx.query<{ n: unknown }[]>(
          `SELECT SUM(events) AS n FROM event_stats WHERE ${ofConnection(hook.id)} AND hours = 1`,
        ),
      ]);
    expect(rows).toHaveLength(INTERLEAVINGS * EVENTS);
    expect(new Set(rows.map(({ recipient }) => recipient)).size).toBe(INTERLEAVINGS * EVENTS);
    expect(Number(counts[0]?.n)).toBe(INTERLEAVINGS * EVENTS);
  });
});
