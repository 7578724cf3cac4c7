import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { UNAUTHENTICATED_BYTES_PER_NETWORK } from '@score-crm/connections-http';
import { checkContract } from '../support/contract.ts';
import { createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const MIB = 1 << 20;
const SIGNED = {
  'X-Twilio-Email-Event-Webhook-Signature': 'MEUCIQ==',
  'X-Twilio-Email-Event-Webhook-Timestamp': '1755444161',
};

describe('bodies that never end', () => {
  let service: TestService;
  let theirs: SendgridWebhook;
  let others: string;
  const hanging: ClientRequest[] = [];

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
    others = await service.tokenFor('other');
    theirs = await SendgridWebhook.create(service, others);
  });
  afterEach(async () => {
    const open = hanging.splice(0).filter((one) => !one.closed);
    const closed = open.map((one) => new Promise((resolve) => one.once('close', resolve)));
    for (const one of open) one.destroy();
    await Promise.all(closed);
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  /** A request of which only a part of the body arrives. */
  function hang(path: string, headers: Record<string, string>, bytes: number, length = bytes + 1): Hanging {
    const options = { method: 'POST', headers: { ...headers, 'content-length': String(length) }, agent: false };
    const sent = request(service.url + path, options);
    hanging.push(sent);
    const answer = once(sent, 'response').then(async ([response]) => {
      const { statusCode = 0, headers } = response as IncomingMessage;
      const body = await text(response as IncomingMessage);
      const contentType = headers['content-type'] ?? null;
      checkContract({ method: 'POST', path, status: statusCode, contentType, text: body });
      return { status: statusCode, headers, body: JSON.parse(body) };
    });
    answer.catch(() => undefined);
    sent.on('error', () => undefined);
    if (bytes === 0) sent.flushHeaders();
    else sent.write(Buffer.alloc(bytes, ' '));
    return { sent, answer };
  }

  /** What another organization does at the same time. */
  async function otherOrganizationWorks(): Promise<void> {
    const event = await theirs.post([vendorEvent('delivered')]);
    expect([event.status, event.body]).toEqual([200, { accepted: 1, duplicates: 0 }]);
    const list = await service.call('GET', '/api/v1/connections', { token: others });
    expect(list.status).toBe(200);
    const body = { ...smtpConnection(service.secret()), name: 'Other' };
    expect((await service.call('POST', '/api/v1/connections', { token: others, body })).status).toBe(201);
  }

  async function connect(vendor: string, settings: object): Promise<string> {
    const body = {
      name: vendor,
      vendor,
      settings: { apiKey: service.watch(randomBytes(20).toString('hex')), ...settings },
    };
    const created = await service.call('POST', '/api/v1/connections', { body });
    expect([created.status, created.body.errors]).toEqual([201, undefined]);
    return `/webhooks/v2/${vendor}/${String(created.body.id)}`;
  }

  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`score-crm:${password}`).toString('base64')}`,
  });

  it('are refused before any of them is read where the head is not authenticated', async () => {
    const sparkpost = await connect('sparkpost', { webhookPassword: service.watch('right-password-0123456789') });
    const smtpcom = await connect('smtpcom', {
      webhookToken: service.watch('right-token-0123456789abcdefghij'),
      channel: 'c',
    });
    const refused = [
      ...Array.from({ length: 8 }, () => hang(sparkpost, basic('wrong'), 0, 8 * MIB)),
      ...Array.from({ length: 8 }, () => hang(`${smtpcom}?token=wrong`, {}, 0, 4 * MIB)),
      hang(sparkpost, {}, 0, MIB),
      hang(theirs.path, {}, 0, MIB),
    ];
    const answers = await Promise.all(refused.map(({ answer }) => answer));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(['invalid_signature', 'missing_signature']));
    await otherOrganizationWorks();
  });

  it.each([1, 10])(
    'with a signature that looks right give way to those that arrive, at %i connections',
    async (count) => {
      const hooks = await Promise.all(Array.from({ length: count }, () => SendgridWebhook.create(service)));
      // Twice as many as one address has memory for.
      const size = Math.ceil(UNAUTHENTICATED_BYTES_PER_NETWORK / 100);
      const bodies = Array.from({ length: 200 }, (_, index) =>
        hang(hooks[index % hooks.length]?.path ?? '', SIGNED, size),
      );
      const first = await Promise.race(bodies.map(({ answer }) => answer));
      expect([first.status, first.body.code, first.headers['retry-after'], first.headers.connection]).toEqual([
        429,
        'too_many_requests',
        '5',
        'close',
      ]);
      for (let count = 0; count < 5; count++) await otherOrganizationWorks();
      // As large as a post may be.
      const large = `${JSON.stringify([vendorEvent('open')])}${' '.repeat(3 * MIB)}`;
      expect((await theirs.postSigned(large)).status).toBe(200);
    },
  );

  it('of authenticated senders use at most their organization’s share', async () => {
    const password = service.watch('right-password-9876543210');
    const sparkpost = await connect('sparkpost', { webhookPassword: password });
    // Each a quarter of what an organization may have; together more.
    const bodies = Array.from({ length: 5 }, () => hang(sparkpost, basic(password), 4 * MIB));
    const refused = await Promise.race(bodies.map(({ answer }) => answer));
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'overloaded', '5']);
    await otherOrganizationWorks();
  });

  it('of messages use at most their organization’s share', async () => {
    const created = await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
    const path = `/api/v1/connections/${String(created.body.id)}/messages`;
    const headers = { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' };
    const bodies = Array.from({ length: 6 }, () => hang(path, headers, 8 * MIB));
    const refused = await Promise.race(bodies.map(({ answer }) => answer));
    expect([refused.status, refused.body.code]).toEqual([503, 'overloaded']);
    await otherOrganizationWorks();
  });

  it('of sign-ins and of requests without a token do not affect the others', async () => {
    const json = { 'content-type': 'application/json' };
    for (let count = 0; count < 30; count++) hang('/api/v1/session', json, MIB - 1);
    const refused = await hang('/api/v1/connections', json, 1_000).answer;
    expect([refused.status, refused.body.code]).toEqual([401, 'unauthorized']);
    await otherOrganizationWorks();
  });

  it('have a limit of time, headers too', () => {
    const server = service.app.getHttpServer() as Server & { connectionsCheckingInterval: number };
    expect([server.headersTimeout, server.requestTimeout]).toEqual([15_000, 60_000]);
  });

  it('and trickle are answered 408, and their connection is closed', async () => {
    const { sent, answer } = hang(theirs.path, SIGNED, 1, 100);
    const trickle = setInterval(() => sent.write(' '), 1_000);
    const { status, body, headers } = await answer;
    expect([status, body.code, headers.connection]).toEqual([408, 'body_timeout', 'close']);
    if (!sent.closed) await once(sent, 'close');
    clearInterval(trickle);
  }, 60_000);
});

interface Hanging {
  readonly sent: ClientRequest;
  readonly answer: Promise<{
    readonly status: number | undefined;
    readonly headers: IncomingMessage['headers'];
    readonly body: any;
  }>;
}
