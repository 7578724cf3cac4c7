import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkedFetch } from '../support/contract.ts';
import { createDatabase } from '../support/databases.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

// A tenant chooses both the password and what the server replies: together they must not occupy the process.
describe('a mail server whose reply is made for the password', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it.each([
    ['11 escaped exclamation marks', '\\!', '\\\\!', 11],
    ['20 escaped exclamation marks', '\\!', '\\\\!', 20],
    ['120 escaped exclamation marks', '\\!', '\\\\!', 120],
    ['80 percent signs, encoded twice', '%25', '%2525', 80],
    ['120 quotation marks in JSON and HTML', '\\"', '\\\\&quot;', 120],
  ])('does not hold up other requests: %s', async (_, inPassword, inReply, count) => {
    const reply = `535 5.7.8 ${inReply.repeat(count)}y`;
    const beside: Promise<Response>[] = [];
    const server = await ScriptedServer.start({
      AUTH: () => {
        beside.push(checkedFetch(`${service.url}/health/live`));
        return reply;
      },
    });
    const password = service.watch(`${inPassword.repeat(count)}z`);
    const settings = { host: '127.0.0.1', port: server.port, secure: false };
    const created = await service.call('POST', '/api/v1/connections', { body: smtpConnection(password, settings) });
    const path = `/api/v1/connections/${String(created.body.id)}`;

    const test = await service.call('POST', `${path}/test`);
    expect(test.body.diagnosis).toMatchObject({ ok: false, checks: { authentication: 'failed' } });
    expect(JSON.stringify(test.body)).toContain(JSON.stringify(reply.slice(0, 400)).slice(1, -1));
    const body = { to: [{ email: 'ada@recipient.example' }], subject: 'News', text: 'News.' };
    const sent = await service.call('POST', `${path}/messages`, { body });
    expect(sent.body).toMatchObject({ code: 'send_failed', error: { code: 'authentication_failed' } });

    const statuses = await Promise.all(beside.map(async (response) => (await response).status));
    expect(statuses).toEqual([200, 200]);
    await server.close();
  });
});
