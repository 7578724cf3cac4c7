import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  type Caller,
  ConnectionsService,
  EmailSender,
  ErasureService,
  EventsService,
  RecipientSuppressedError,
  SuppressionNotFoundError,
  SuppressionsService,
  UnitOfWork,
} from '../src/index.ts';
import { CourierAdapter, COURIERS, type SendCall } from './support/courier-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const OTHER: Caller = { organization: 'other', actor: 'user:2' };

describe.each(DATABASES)('suppressions on %s', (kind) => {
  let module: TestModule;
  let service: SuppressionsService;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    service = module.app.get(SuppressionsService);
  });

  afterAll(() => module.end());

  const add = (address: string, note?: string, caller = CALLER) =>
    service.add(caller, { address, ...(note === undefined ? {} : { note }) });
  const reasonOf = async (address: string, caller = CALLER) =>
    (await service.check(caller, { addresses: [address] }))[0]?.reason;
  const importText = (text: string, caller = CALLER, size = 7) =>
    service.import(caller, Readable.from(pieces(Buffer.from(text), size)));
  const exportText = async (caller = CALLER): Promise<string> => {
    let text = '';
    for await (const part of service.export(caller)) text += part;
    return text;
  };
  const audit = async (action: string) =>
    (await module.rows('audit_entries')).filter((row) => row['action'] === action);

  it('adds an address once, whatever its spelling', async () => {
    const { suppression, created } = await add('Ada@Bücher.EXAMPLE', 'Asked by phone');
    expect(created).toBe(true);
    expect(suppression).toEqual({
      id: expect.stringMatching(/^\d+$/),
      address: 'ada@xn--bcher-kva.example',
      reason: 'manual',
      eventId: null,
      connectionId: null,
      occurredAt: null,
      addedBy: CALLER.actor,
      note: 'Asked by phone',
      createdAt: expect.any(Date),
    });
    const again = await add('ada@xn--bcher-kva.example', 'Again', { ...CALLER, actor: 'user:9' });
    expect(again).toEqual({ suppression, created: false });
    expect(await reasonOf('ADA@bücher.example')).toBe('manual');
    expect(await audit('suppression.add')).toHaveLength(2);
    expect(JSON.stringify(await module.rows('audit_entries'))).not.toMatch(/ada@|phone/i);
  });

  it('keeps addresses apart that differ in dots or tags', async () => {
    await add('first.last@gmail.example');
    expect(await reasonOf('firstlast@gmail.example')).toBeNull();
    expect(await reasonOf('first.last+tag@gmail.example')).toBeNull();
  });

  it('refuses what is not an address, and too long a note', async () => {
    expect(await failureOf(add('ada'))).toMatchObject({ errors: [{ pointer: '/address', code: 'invalid_email' }] });
    expect(await failureOf(add('eve@r.example', 'x'.repeat(201)))).toMatchObject({ errors: [{ pointer: '/note' }] });
    const many = Array.from({ length: 1_001 }, () => 'a@r.example');
    expect(await failureOf(service.check(CALLER, { addresses: many }))).toMatchObject({ code: 'invalid_input' });
    expect(await reasonOf('not an address')).toBeNull();
  });

  it('does not show or apply the suppressions of another organization', async () => {
    await add('theirs@r.example', undefined, OTHER);
    expect(await reasonOf('theirs@r.example')).toBeNull();
    expect(await failureOf(service.remove(CALLER, 'theirs@r.example'))).toBeInstanceOf(SuppressionNotFoundError);
    expect((await service.list(OTHER)).data.map(({ address }) => address)).toEqual(['theirs@r.example']);
    expect((await service.list(CALLER, { address: 'theirs@r.example' })).data).toEqual([]);
    expect(await exportText()).not.toContain('theirs');
  });

  it('lists them newest first, page by page, by reason and by address', async () => {
    const caller = { organization: 'listed', actor: 'user:1' };
    for (const name of ['a', 'b', 'c']) await add(`${name}@r.example`, undefined, caller);
    await importText('i@r.example\nj@r.example', caller);
    const first = await service.list(caller, { limit: 2 });
    const second = await service.list(caller, { limit: 2, cursor: String(first.nextCursor) });
    const third = await service.list(caller, { limit: 2, cursor: String(second.nextCursor) });
    const addresses = [first, second, third].flatMap(({ data }) => data.map(({ address }) => address));
    // The addresses of one import have any order.
    expect(new Set(addresses.slice(0, 2))).toEqual(new Set(['i@r.example', 'j@r.example']));
    expect(addresses.slice(2)).toEqual(['c@r.example', 'b@r.example', 'a@r.example']);
    expect(third.nextCursor).toBeNull();
    const manual = await service.list(caller, { reason: 'manual' });
    expect(manual.data.map(({ address }) => address)).toEqual(['c@r.example', 'b@r.example', 'a@r.example']);
    expect((await service.list(caller, { address: 'A@R.example' })).data).toHaveLength(1);
    expect((await service.list(caller, { address: 'a@r.example', reason: 'complaint' })).data).toEqual([]);
    expect(await failureOf(service.list(caller, { cursor: 'none' }))).toMatchObject({ code: 'invalid_query' });
  });

  it('removes one, and records what was removed without the address', async () => {
    const { suppression } = await add('gone@r.example');
    await service.remove(CALLER, 'Gone@R.example');
    expect(await reasonOf('gone@r.example')).toBeNull();
    expect(await failureOf(service.remove(CALLER, 'gone@r.example'))).toBeInstanceOf(SuppressionNotFoundError);
    const [entry, ...others] = await audit('suppression.remove');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ subject: suppression.id, actor: CALLER.actor });
    expect(JSON.stringify(entry?.['fields'])).toMatch(/reason\/manual.*digest\/[0-9a-f]{32}/);
  });

  it('imports a file of any form, in pieces that end anywhere', async () => {
    const caller = { organization: 'importing', actor: 'user:1' };
    const text =
      '\ufeff"Name";E-Mail;"Note, if any"\r\n' +
      'Ada;Ada@R.example;"says ""no""\r\n; twice"\r\n' +
      '\r\n' +
      'Bücher;info@bücher.example\r\n' +
      'Nobody;;missing\r' +
      "Plus;'+plus@r.example\n" +
      'Bad;not an address\n' +
      'Ada;ada@r.example';
    for (const size of [1, 7, 1_000]) {
      const report = await importText(text, caller, size);
      expect(report).toEqual({
        added: size === 1 ? 3 : 0,
        alreadySuppressed: size === 1 ? 1 : 4,
        invalid: 2,
        invalidLines: [
          { line: 6, reason: expect.stringContaining('empty') },
          { line: 8, reason: expect.stringContaining('not an email address') },
        ],
      });
    }
    const { data } = await service.list(caller);
    const expected = ['+plus@r.example', 'ada@r.example', 'info@xn--bcher-kva.example'];
    expect(new Set(data.map(({ address }) => address))).toEqual(new Set(expected));
    expect(data[0]).toMatchObject({ reason: 'list_import', addedBy: 'user:1', note: null });
    expect(await audit('suppression.import')).toHaveLength(4);
  });

  it('imports lines without a header, and skips the line of a quote that is never closed', async () => {
    const caller = { organization: 'plain', actor: 'user:1' };
    const report = await importText(`a@r.example\n"${'x\n'.repeat(40_000)}\nb@r.example\n`, caller, 10_000);
    expect(report.invalidLines[0]).toEqual({ line: 2, reason: expect.stringContaining('a quote is not closed') });
    expect((await service.list(caller)).data.map(({ address }) => address)).toContain('a@r.example');
    expect(await reasonOf('b@r.example', caller)).toBe('list_import');
    const many = await importText('x\n'.repeat(150), caller, 1_000);
    expect([many.invalid, many.invalidLines.length]).toEqual([150, 100]);
    expect(await importText('', caller)).toMatchObject({ added: 0, invalid: 0 });
  });

  it('keeps what was imported before the file broke off, and records it', async () => {
    const caller = { organization: 'broken', actor: 'user:1' };
    const lines = Array.from({ length: 1_500 }, (_, index) => `${String(index)}@r.example\n`).join('');
    async function* broken() {
      yield Buffer.from(lines);
      throw new Error('The connection was closed.');
    }
    expect((await failureOf(service.import(caller, broken()))).message).toBe('The connection was closed.');
    const entry = (await audit('suppression.import')).at(-1);
    expect(JSON.stringify(entry?.['fields'])).toContain('added/1000');
    expect(await importText(lines, caller, 100_000)).toMatchObject({ added: 500, alreadySuppressed: 1_000 });
  });

  it('exports what can be imported again, and no formulas', async () => {
    const caller = { organization: 'exporting', actor: 'user:1' };
    await add('=1+1@r.example', '=HYPERLINK("https://x.example")', caller);
    await add('+a@r.example', 'says "no", twice', caller);
    const text = await exportText(caller);
    const [header, ...lines] = text.trimEnd().split('\r\n');
    expect(header).toBe('email,reason,created_at,occurred_at,connection_id,event_id,note');
    expect(lines[0]).toMatch(/^'=1\+1@r\.example,manual,\d{4}-[^,]*Z,,,,"'=HYPERLINK\(""https:\/\/x\.example""\)"$/);
    expect(lines[1]).toMatch(/^'\+a@r\.example,manual,[^,]*,,,,"says ""no"", twice"$/);
    expect(await importText(text, caller, 10)).toMatchObject({ added: 0, alreadySuppressed: 2, invalid: 0 });
  });

  describe('when sending', () => {
    const message = (...to: string[]) => ({ to: to.map((email) => ({ email })), subject: 'Hi', text: 'Hi' });
    let sender: EmailSender;
    let courier: CourierAdapter;
    let id: string;

    const connect = async (details: object = {}): Promise<string> => {
      const input = { name: 'Post', vendor: 'courier', fromEmail: 'news@s.example', settings: { password: 'x' } };
      return (await module.app.get(ConnectionsService).create(CALLER, { ...input, ...details })).id;
    };

    beforeAll(async () => {
      sender = module.app.get(EmailSender);
      courier = module.app.get(CourierAdapter);
      id = await connect();
      await add('no@r.example');
      await importText('never@r.example');
    });

    it('rejects suppressed recipients, sends to the others, and keeps both as events', async () => {
      const result = await sender.send(CALLER, id, {
        ...message('No@R.example', 'yes@r.example'),
        cc: [{ email: 'never@r.example' }],
        bcc: [{ email: 'also@r.example' }],
      });
      expect(result.accepted).toEqual(['yes@r.example', 'also@r.example']);
      expect(result.rejected).toEqual([
        {
          recipient: 'No@R.example',
          error: {
            stage: 'recipient',
            code: 'recipient_suppressed',
            fault: 'recipient',
            retryable: false,
            pointer: '/to/0/email',
            hint: expect.stringMatching(/^Suppressed: manual\./),
          },
        },
        {
          recipient: 'never@r.example',
          error: expect.objectContaining({ pointer: '/cc/0/email', hint: expect.stringContaining('list_import') }),
        },
      ]);
      const sent = (courier.calls.at(-1) as SendCall).message;
      expect([sent.to, sent.cc, sent.bcc]).toEqual([[{ email: 'yes@r.example' }], [], [{ email: 'also@r.example' }]]);
      const { data } = await module.app.get(EventsService).list(CALLER, id, { kinds: ['rejected'] });
      const bounce = expect.objectContaining({ class: 'policy', rule: 'recipient_suppressed' });
      expect(data).toHaveLength(2);
      for (const recipient of ['never@r.example', 'no@r.example']) {
        expect(data).toContainEqual(expect.objectContaining({ recipient, bounce }));
      }
    });

    it('sends nothing if nobody is left in To', async () => {
      const { length } = courier.calls;
      const sent = sender.send(CALLER, id, { ...message('no@r.example'), cc: [{ email: 'yes@r.example' }] });
      const failure = (await failureOf(sent)) as RecipientSuppressedError;
      expect(failure).toBeInstanceOf(RecipientSuppressedError);
      expect(failure.errors).toEqual([
        { pointer: '/to/0/email', code: 'recipient_suppressed', message: expect.stringContaining('manual') },
      ]);
      expect(courier.calls).toHaveLength(length);
    });

    it('sends to everyone if the connection does not check, and checks again when that is set', async () => {
      const connections = module.app.get(ConnectionsService);
      const unchecked = await connect({ checkSuppressions: false });
      expect(await connections.get(CALLER, unchecked)).toMatchObject({ checkSuppressions: false, version: 1 });
      expect((await sender.send(CALLER, unchecked, message('no@r.example'))).accepted).toEqual(['no@r.example']);
      await connections.update(CALLER, unchecked, { checkSuppressions: true });
      expect(await connections.get(CALLER, unchecked)).toMatchObject({ checkSuppressions: true, version: 2 });
      expect(await failureOf(sender.send(CALLER, unchecked, message('no@r.example')))).toMatchObject({
        code: 'recipient_suppressed',
      });
      await connections.update(CALLER, unchecked, { name: 'Other' });
      expect(await connections.get(CALLER, unchecked)).toMatchObject({ checkSuppressions: true, version: 3 });
      expect((await connections.get(CALLER, id)).checkSuppressions).toBe(true);
    });

    it('sends immediately after a removal, and looks all recipients up in one query of the index', async () => {
      await add('back@r.example');
      await failureOf(sender.send(CALLER, id, message('back@r.example')));
      await service.remove(CALLER, 'back@r.example');
      expect((await sender.send(CALLER, id, message('back@r.example'))).accepted).toEqual(['back@r.example']);
      const sql = `SELECT digest, reason FROM suppressions WHERE digest IN (x'${'00'.repeat(16)}', x'${'11'.repeat(16)}')`;
      const plan = JSON.stringify(
        await module.app
          .get(UnitOfWork)
          .read((tx) => tx.query(kind === 'SQLite' ? `EXPLAIN QUERY PLAN ${sql}` : `EXPLAIN ${sql}`)),
      );
      expect(plan).toContain('uq_suppressions_digest');
    });
  });

  it('keeps an erased address suppressed, without the address', async () => {
    await add('erased@r.example', 'erased@r.example asked by phone');
    await module.app.get(ErasureService).erase(CALLER, 'Erased@R.example');
    expect(JSON.stringify(await module.dataSource.query('SELECT * FROM suppressions'))).not.toContain('erased@');
    expect(await reasonOf('erased@r.example')).toBe('manual');
    const { data } = await service.list(CALLER, { address: 'erased@r.example' });
    expect(data).toMatchObject([{ address: null, note: null, reason: 'manual' }]);
    expect(await exportText()).not.toContain('erased');
    await add('erased@r.example');
    expect(JSON.stringify(await module.dataSource.query('SELECT * FROM suppressions'))).not.toContain('erased@');
    await service.remove(CALLER, 'erased@r.example');
    expect(await reasonOf('erased@r.example')).toBeNull();
  });
});

function* pieces(bytes: Buffer, size: number): Generator<Buffer, undefined> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
