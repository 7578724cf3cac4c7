import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LoginAttempt, MailServer, type Refusal } from '../../libs/adapter-smtp/sandbox/index.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { connectTo, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';

const EMAILS = 60;
const CALLERS = 6;

/** A mail server whose password can change: from then on, sessions with the earlier one end, too. */
class ChangingServer extends MailServer {
  readonly username = 'relay';
  password = '';
  private onHalf = (): void => undefined;
  readonly half = new Promise<void>((resolve) => {
    this.onHalf = resolve;
  });

  static start(): Promise<ChangingServer> {
    return new ChangingServer({}).listen();
  }

  protected refuseLogin({ password }: LoginAttempt): Refusal {
    return password === this.password ? undefined : '535 5.7.8 Authentication credentials invalid';
  }

  protected override refuseSender(_address: string, login: LoginAttempt | undefined): Refusal {
    return login?.password === this.password ? undefined : '421 4.7.0 The password has changed';
  }

  protected override async accepted(): Promise<void> {
    if (this.messages.length === EMAILS / 2) this.onHalf();
  }
}

describe.each(DATABASES)('a password that changes while two instances send, on %s', (kind) => {
  let server: ChangingServer;
  let services: readonly [TestService, TestService];

  beforeAll(async () => {
    server = await ChangingServer.start();
    const database = await createDatabase(kind);
    services = [await TestService.start(database), await TestService.start(database)];
  });

  afterAll(async () => {
    for (const service of services) await service.stop();
    await services[0].database.drop();
    await server.close();
  });

  it('is used by the next email, and each email arrives once', async () => {
    const [first, second] = services;
    const [before, after] = [first.secret(), second.watch(first.secret())];
    second.watch(before);
    server.password = before;
    const path = await connectTo(first, server);
    let started = 0;
    let isChanged = false;
    /** By email: how often it was sent, and whether it was begun after the change. */
    const attempts: { count: number; readonly isLater: boolean }[] = [];
    const caller = async (service: TestService): Promise<void> => {
      while (started < EMAILS) {
        const subject = String(started++);
        const attempt = { count: 0, isLater: isChanged && service === first };
        attempts.push(attempt);
        for (let isSent = false; !isSent;) {
          attempt.count++;
          const { status, body } = await send(service, path, { ...HELLO, subject });
          isSent = status === 202;
          // Certainly not sent.
          if (!isSent) expect(body.error).toMatchObject({ stage: 'authenticate', code: 'authentication_failed' });
        }
      }
    };
    const callers = Array.from({ length: CALLERS }, (_, index) => caller(services[index % 2] as TestService));
    await server.half;
    server.password = after;
    const changed = await first.call('PATCH', path, { body: { settings: { password: after } } });
    isChanged = true;
    expect(changed.status).toBe(200);
    const next = await send(first, path, { ...HELLO, subject: 'next' });
    expect(next.status).toBe(202);
    await Promise.all(callers);

    const subjects = server.messages.map(({ parsed }) => parsed.subject ?? '');
    const all = Array.from({ length: EMAILS }, (_, index) => String(index));
    expect(subjects.toSorted()).toEqual([...all, 'next'].toSorted());
    expect(server.messages[subjects.indexOf('next')]?.password).toBe(after);
    const later = attempts.filter(({ isLater }) => isLater);
    expect(later.length).toBeGreaterThan(0);
    expect(later.filter(({ count }) => count > 1)).toEqual([]);
  });
});
