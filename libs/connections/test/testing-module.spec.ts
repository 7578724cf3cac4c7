import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConnectionsTestingModule, SimulatedVendor, WRONG_API_KEY } from '@score-crm/connections/testing';
import {
  type Caller,
  ConnectionsModule,
  ConnectionsService,
  ConnectionTester,
  EmailSender,
  EventsService,
  type FeedEvent,
  OnEmailEvent,
  SendFailedError,
  SuppressionsService,
} from '../src/index.ts';

const CALLER: Caller = { organization: 'acme', actor: 'test' };

/** What an application has. */
@Injectable()
class Newsletter {
  readonly bounced: (string | null)[] = [];

  constructor(private readonly sender: EmailSender) {}

  send(connectionId: string, email: string) {
    return this.sender.send(CALLER, connectionId, { to: [{ email }], subject: 'News', text: 'Hello' });
  }

  @OnEmailEvent('bounced', { name: 'newsletter' })
  onBounced(events: readonly FeedEvent[]): void {
    this.bounced.push(...events.map(({ recipient }) => recipient));
  }
}

@Module({ imports: [ConnectionsModule], providers: [Newsletter] })
class NewsletterModule {}

let app: TestingModule;
let vendor: SimulatedVendor;
let id: string;

beforeEach(async () => {
  app = await Test.createTestingModule({ imports: [ConnectionsTestingModule.forRoot(), NewsletterModule] }).compile();
  await app.init();
  vendor = app.get(SimulatedVendor);
  id = await connect('any');
});
afterEach(() => app.close());

async function connect(apiKey: string): Promise<string> {
  const input = { name: apiKey, vendor: 'simulated', fromEmail: 'news@acme.example', settings: { apiKey } };
  return (await app.get(ConnectionsService).create(CALLER, input)).id;
}

it('keeps what the application sends, and reports what happened to it', async () => {
  const newsletter = app.get(Newsletter);
  const sent = await newsletter.send(id, 'ada@recipient.example');
  await newsletter.send(id, 'bounce@recipient.example');
  await newsletter.send(id, 'click+1@recipient.example');
  expect(vendor.emails).toMatchObject([
    {
      messageId: sent.messageId,
      connectionId: id,
      message: { subject: 'News', to: [{ email: 'ada@recipient.example' }] },
    },
    { message: { to: [{ email: 'bounce@recipient.example' }] } },
    { message: { to: [{ email: 'click+1@recipient.example' }] } },
  ]);
  await vendor.deliver();
  await vendor.deliver();
  const kindsOf = async (recipient: string): Promise<string[]> =>
    (await app.get(EventsService).list(CALLER, id, { recipient, order: 'asc' })).data.map(({ kind }) => kind);
  expect(await kindsOf('ada@recipient.example')).toEqual(['sent', 'queued', 'delivered']);
  expect(await kindsOf('bounce@recipient.example')).toEqual(['sent', 'queued', 'bounced']);
  expect(await kindsOf('click+1@recipient.example')).toEqual(['sent', 'queued', 'delivered', 'opened', 'clicked']);
});

it('passes events to subscribers and suppresses addresses that bounce', async () => {
  const newsletter = app.get(Newsletter);
  await newsletter.send(id, 'bounce@recipient.example');
  await vendor.deliver();
  const until = Date.now() + 60_000;
  const suppressed = async (): Promise<number> => (await app.get(SuppressionsService).list(CALLER, {})).data.length;
  while ((newsletter.bounced.length === 0 || (await suppressed()) === 0) && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(newsletter.bounced).toEqual(['bounce@recipient.example']);
  expect(await suppressed()).toBe(1);
  await expect(newsletter.send(id, 'bounce@recipient.example')).rejects.toThrow('suppressed');
});

it('fails as the test tells it to, and forgets everything on reset', async () => {
  const newsletter = app.get(Newsletter);
  vendor.failNext({ code: 'quota_exceeded', fault: 'configuration', retryable: false, hint: 'No credits.' });
  await expect(newsletter.send(id, 'ada@recipient.example')).rejects.toThrow(SendFailedError);
  await newsletter.send(id, 'ada@recipient.example');
  expect(vendor.emails).toHaveLength(1);
  vendor.failNext();
  vendor.reset();
  await newsletter.send(id, 'ada@recipient.example');
  expect(vendor.emails).toHaveLength(1);
});

it('tests connections, and rejects the wrong API key', async () => {
  const tester = app.get(ConnectionTester);
  const passed = await tester.test(CALLER, id, { to: ['ada@recipient.example'] });
  expect(passed.diagnosis).toMatchObject({ ok: true, sent: { accepted: ['ada@recipient.example'] } });
  const failed = await tester.test(CALLER, await connect(WRONG_API_KEY), {});
  expect(failed.diagnosis).toMatchObject({ ok: false, error: { code: 'authentication_failed' } });
  expect(vendor.emails).toHaveLength(1);
});
