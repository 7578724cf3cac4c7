import type { EmailEvent } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { EventsRepository } from '../src/events/events.repository.ts';
import { ConnectionsService, EmailSender, EventsService, WebhookIngest } from '../src/index.ts';
import { CourierAdapter, COURIERS } from './support/courier-vendor.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const ADA = 'ada@recipient.example';
const HELLO = { to: [{ email: ADA }], subject: 'Hello', text: 'Hello Ada' };

type Posted = Omit<EmailEvent, 'occurredAt' | 'raw'>;

describe.each(DATABASES)('whose an event is that names no connection, on %s', (kind) => {
  let module: TestModule;
  let courier: CourierAdapter;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    courier = module.app.get(CourierAdapter);
    id = await connect();
  });

  afterAll(() => module.end());

  async function connect(): Promise<string> {
    const input = { name: 'Post', vendor: 'courier', fromEmail: 'news@sender.example', settings: { password: 'open' } };
    return (await module.app.get(ConnectionsService).create(CALLER, input)).id;
  }

  async function send(through = id, messageId?: string): Promise<string> {
    courier.answer = async ({ message }) => {
      const result = courier.acceptAll(message);
      return messageId === undefined ? result : { ...result, messageId };
    };
    return (await module.app.get(EmailSender).send(CALLER, through, HELLO)).messageId;
  }

  async function post(events: readonly Posted[], to = id): Promise<void> {
    const ingest = module.app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(events));
    await ingest.receive(await ingest.find('courier', to), { headers: {}, query: {}, body });
  }

  async function attributions(of = id): Promise<Record<string, string>> {
    const { data } = await module.app.get(EventsService).list(CALLER, of, { limit: 100 });
    const posted = data.filter((event) => event.kind !== 'sent');
    return Object.fromEntries(posted.map(({ recipient, attribution }) => [recipient ?? '', attribution]));
  }

  it('is told by the message that was sent', async () => {
    const messageId = await send();
    const elsewhere = await send(await connect());
    await post([
      { kind: 'delivered', messageId, recipient: 'known@r.example' },
      { kind: 'opened', messageId, recipient: 'another-recipient@r.example' },
      { kind: 'delivered', messageId: 'never sent', recipient: 'unknown@r.example' },
      { kind: 'delivered', messageId: messageId.toUpperCase(), recipient: 'other-case@r.example' },
      { kind: 'delivered', messageId: elsewhere, recipient: 'other-connection@r.example' },
      { kind: 'bounced', recipient: 'no-id@r.example' },
      { kind: 'delivered', messageId, recipient: 'made-up@r.example', test: true },
      {
        kind: 'delivered',
        messageId,
        recipient: 'named@r.example',
        metadata: { score_connection_id: '0199d3c8-7a00-7000-8000-000000000000' },
      },
    ]);
    expect(await attributions()).toEqual({
      'known@r.example': 'own',
      'another-recipient@r.example': 'own',
      'unknown@r.example': 'unmatched',
      'other-case@r.example': 'unmatched',
      'other-connection@r.example': 'unmatched',
      'no-id@r.example': 'unmatched',
      'made-up@r.example': 'test',
      'named@r.example': 'foreign',
    });
  });

  it('is told by the ids of SMTP, and by ids that no column takes', async () => {
    const own = await connect();
    const ids = ['<0b6c@sender.example>', `<${'x'.repeat(400)}@sender.example>`, '<é@sender.example>'];
    for (const messageId of ids) await send(own, messageId);
    await post(
      [...ids, `<${'x'.repeat(401)}@sender.example>`].map((messageId, index) => ({
        kind: 'delivered',
        messageId,
        recipient: `r${String(index)}@r.example`,
      })),
      own,
    );
    expect(await attributions(own)).toEqual({
      'r0@r.example': 'own',
      'r1@r.example': 'own',
      'r2@r.example': 'own',
      'r3@r.example': 'unmatched',
    });
  });

  it('is not told by what the vendor itself calls sent', async () => {
    const own = await connect();
    await post([{ kind: 'sent', messageId: 'theirs', recipient: ADA }], own);
    await post([{ kind: 'delivered', messageId: 'theirs', recipient: ADA }], own);
    expect(await attributions(own)).toEqual({ [ADA]: 'unmatched' });
  });

  it('costs one query for a whole batch, and none for events that name their connection', async () => {
    const messageId = await send();
    const batch = Array.from({ length: 300 }, (_, index): Posted => ({
      kind: 'delivered',
      messageId: index % 2 === 0 ? messageId : `m${String(index)}`,
      recipient: `b${String(index)}@r.example`,
    }));
    const find = jest.spyOn(EventsRepository.prototype, 'findSent');
    await post(batch);
    expect(find).toHaveBeenCalledTimes(1);
    await post(batch.map((event) => ({ ...event, kind: 'opened', metadata: { score_connection_id: id } })));
    expect(find).toHaveBeenCalledTimes(1);
    find.mockRestore();
  });

  it('is looked up by an index', async () => {
    const plan = kind === 'SQLite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const { statements } = await recordStatements(module.dataSource, () =>
      post([{ kind: 'delivered', messageId: 'a', recipient: 'a@r.example' }]),
    );
    const lookUp = statements.find((sql) => sql.includes('message_hash IN')) ?? '';
    const rows = await module.dataSource.query(`${plan} ${lookUp.replaceAll('?', '1')}`);
    expect(JSON.stringify(rows)).toContain('ix_email_events_message');
  });
});
