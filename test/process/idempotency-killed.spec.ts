import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { createDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { SERVICE, TestProcess } from '../support/process.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const LONG = process.env['TEST_LONG'] === '1';
const MESSAGES = LONG ? 1_000 : 40;
/** Of each instance. */
const KILLS = LONG ? 5 : 1;
const CLIENTS = 16;

jest.setTimeout(LONG ? 600_000 : 120_000);

afterEach(() => TestProcess.endAll());

/** One of two instances, which its test kills and starts again. */
class Instance {
  /** Requests that have no response yet. */
  readonly inFlight = new Set<{ readonly message: number }>();
  private service: TestProcess | undefined;
  private isUp = false;

  constructor(
    private readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  async start(): Promise<TestProcess> {
    const service = new TestProcess(SERVICE, [], { ...this.environment, PORT: String(this.port) });
    this.service = service;
    await service.says(/API docs/);
    this.isUp = true;
    return service;
  }

  /** @returns the messages that were in flight */
  async kill(): Promise<readonly number[]> {
    const interrupted = Array.from(this.inFlight, ({ message }) => message);
    this.isUp = false;
    this.service?.kill('SIGKILL');
    await this.service?.exited;
    return interrupted;
  }

  /** @returns undefined if the response was lost, or the instance is not running */
  async post(path: string, token: string, body: object, headers: Readonly<Record<string, string>> = {}) {
    if (!this.isUp) return undefined;
    try {
      const response = await fetch(`http://127.0.0.1:${String(this.port)}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      const isReplay = response.headers.get('idempotency-replayed') === 'true';
      return { status: response.status, isReplay, body: (await response.json()) as Record<string, unknown> };
    } catch {
      return undefined;
    }
  }
}

it('requests repeated with the same keys on two instances send each message once, although both are killed', async () => {
  const database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  // Slow enough that a kill interrupts some messages at each of their steps.
  const sink = await TestSmtpServer.start({ delayMs: 10 });
  const environment = {
    DATABASE_URL: database.url,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'error',
    RATE_LIMIT_REQUESTS: '0',
  };
  const instances = [new Instance(await freePort(), environment), new Instance(await freePort(), environment)] as const;
  const [, token = ''] = await (await instances[0].start()).says(/API key\s+(\S+)/);
  await instances[1].start();
  const { username, password, port } = sink;
  const settings = { host: '127.0.0.1', port, secure: false, username };
  const created = await instances[0].post('/connections', token, smtpConnection(password, settings));
  const path = `/connections/${String(created?.body['id'])}/messages`;

  /** By message: the body of its 202, or `unknown`. */
  const results = new Map<number, string>();
  let replays = 0;
  /** @returns the code of the response, if it is an error */
  const request = async (message: number): Promise<unknown> => {
    const instance = instances[Math.random() < 0.5 ? 0 : 1];
    const sending = { message };
    instance.inFlight.add(sending);
    const text = { to: [{ email: `r${String(message)}@recipient.example` }], subject: String(message), text: 'Hello' };
    const answer = await instance.post(path, token, text, { 'idempotency-key': `campaign:${String(message)}` });
    instance.inFlight.delete(sending);
    if (answer === undefined) return undefined;
    if (answer.status === 202) {
      const body = JSON.stringify(answer.body);
      // The first response is returned again, also by another instance.
      expect(results.get(message) ?? body).toBe(body);
      results.set(message, body);
      if (answer.isReplay) replays++;
    } else if (answer.body['code'] === 'outcome_unknown') {
      results.set(message, 'unknown');
    }
    return answer.body['code'];
  };

  const end = new AbortController();
  /** Requests random messages, those that have a result already, too. */
  const client = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const open = Array.from({ length: MESSAGES }, (_, message) => message).filter((one) => !results.has(one));
      const isRepetition = open.length === 0 || Math.random() < 0.3;
      const from = isRepetition ? MESSAGES : open.length;
      const picked = Math.floor(Math.random() * from);
      const code = await request(isRepetition ? picked : (open[picked] ?? 0));
      if (code !== undefined) await delay(20);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);

  const interrupted = new Set<number>();
  for (let kill = 1; kill <= 2 * KILLS; kill++) {
    while (results.size < (MESSAGES * kill) / (2 * KILLS + 2)) await delay(1);
    const instance = instances[kill % 2 === 0 ? 0 : 1];
    for (const message of await instance.kill()) interrupted.add(message);
    await instance.start();
  }
  // The others have only messages left whose instance was killed.
  while (results.size < MESSAGES - interrupted.size) await delay(20);
  end.abort();
  await Promise.all(clients);

  const connection = await createConnection({ uri: database.url });
  // As if the leases of the killed instances had ended.
  await connection.query('UPDATE idempotency_keys SET leased_until = 1 WHERE leased_until > 0');
  await connection.end();
  for (let message = 0; message < MESSAGES; message++) {
    while (!results.has(message)) await request(message);
  }
  for (const instance of instances) await instance.kill();
  await sink.close();
  await database.drop();

  const received = new Map<string, number>();
  for (const { to } of sink.messages) for (const email of to) received.set(email, (received.get(email) ?? 0) + 1);
  const countOf = (message: number): number => received.get(`r${String(message)}@recipient.example`) ?? 0;
  const all = Array.from({ length: MESSAGES }, (_, message) => message);
  const unknown = all.filter((message) => results.get(message) === 'unknown');
  expect(all.filter((message) => countOf(message) > 1)).toEqual([]);
  expect(all.filter((message) => countOf(message) === 0 && results.get(message) !== 'unknown')).toEqual([]);
  expect(unknown.filter((message) => !interrupted.has(message))).toEqual([]);
  expect(replays).toBeGreaterThan(0);
  if (LONG) {
    const sent = unknown.filter((message) => countOf(message) === 1).length;
    process.stdout.write(
      `${String(MESSAGES)} messages, ${String(2 * KILLS)} kills, ${String(interrupted.size)} messages in flight at a kill, ` +
        `${String(unknown.length)} unknown (${String(sent)} of them sent), ${String(replays)} replays, ${String(received.size)} received\n`,
    );
  }
});
