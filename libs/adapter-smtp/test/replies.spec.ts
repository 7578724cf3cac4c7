import type {
  AdapterErrorDetails,
  CallOptions,
  CheckStatus,
  Diagnosis,
  DiagnosisChecks,
  SendResult,
  Stage,
} from '@score-crm/adapter-kit';
import { rejectionClass } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { type Command, REPLIES, type ReplyRow } from './replies/index.ts';
import { replyingServer, type Script } from './replies/replying-server.ts';
import { loopbackAdapter, message, probe, settingsFor } from './support.ts';

const READER = 'reader@recipient.example';
const OTHER = 'other@recipient.example';
const TRANSACTION = ['mail', 'rcpt', 'data', 'end'] as const;
const STAGES: Readonly<Record<Command, Stage>> = {
  greeting: 'connect',
  ehlo: 'connect',
  starttls: 'tls',
  auth: 'authenticate',
  mail: 'sender',
  rcpt: 'recipient',
  data: 'message',
  end: 'message',
};

const adapter = loopbackAdapter();

describe('the table of replies', () => {
  it('has every well-known server, and a source for each reply', () => {
    expect(REPLIES.length).toBeGreaterThan(160);
    expect(new Set(REPLIES.map(({ server }) => server)).size).toBeGreaterThan(15);
    for (const { source } of REPLIES) expect(source).toMatch(/^https:\/\/|^[\w.-]+\/[\w.-]+: /);
    const keys = REPLIES.map(({ server, at, reply }) => `${server} ${at} ${reply}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe.each(REPLIES.map((row) => [`${row.server}, ${row.at}: ${row.reply.split('\n')[0] ?? ''}`, row] as const))(
  '%s',
  (_name, row) => {
    const places = placesOf(row);

    it(`is ${row.code}, the fault of ${row.fault}`, async () => {
      await Promise.all(
        places.map(async (at, index) => {
          const script = { at, reply: row.reply, pipelining: index % 2 === 1 };
          expectFailure(await sendError(script), row, at);
          const diagnosis = await diagnose(script);
          expectFailure(diagnosis.error, row, at);
          expectChecks(diagnosis, row, at);
        }),
      );
    });

    if (places.includes('rcpt') && !row.reply.startsWith('421')) {
      it(`is ${row.bounce ?? 'no class'} for one recipient of two`, async () => {
        const { accepted, rejected } = await sendToTwo(row.reply);
        expect(accepted).toEqual([OTHER]);
        expect(rejected).toMatchObject([{ recipient: READER, error: { code: row.code, fault: row.fault } }]);
        expect(rejected.map(({ error }) => rejectionClass(error))).toEqual([row.bounce]);
      });
    }
  },
);

describe('a reply about the sender, the HELO name or the client', () => {
  const ABOUT_THIS_SIDE = REPLIES.filter(({ fault }) => fault === 'sender' || fault === 'configuration');
  const AT_RCPT = ABOUT_THIS_SIDE.filter(
    ({ at, code }) => ['any', 'mail', 'rcpt'].includes(at) && !code.startsWith('recipient_'),
  );

  it('never blames a recipient at RCPT TO, nor classifies the address as hard', async () => {
    expect(AT_RCPT.length).toBeGreaterThan(80);
    await inTurns(AT_RCPT, async ({ reply }) => {
      const all = await sendError({ at: 'rcpt', reply, poolKey: reply });
      expect([reply, all.fault]).not.toEqual([reply, 'recipient']);
      expect(all.code).not.toMatch(/^recipient_/);
      if (reply.startsWith('421')) return;
      for (const { error } of (await sendToTwo(reply)).rejected) {
        expect([reply, error.fault]).not.toEqual([reply, 'recipient']);
        expect(['block', 'policy']).toContain(rejectionClass(error));
      }
    });
  });

  it('fails the check of the from address, even after an accepted MAIL FROM', async () => {
    const senders = AT_RCPT.filter(({ code }) => code.startsWith('sender_'));
    expect(senders.length).toBeGreaterThan(30);
    await inTurns(senders, async ({ reply }) => {
      const { checks, stages } = await diagnose({ at: 'rcpt', reply });
      expect([reply, checks.fromAddress, checks.sendPermission]).toEqual([reply, 'failed', 'skipped']);
      expect(stages).toContainEqual({ stage: 'sender', status: 'failed' });
    });
  });
});

describe('of several recipients', () => {
  it('an error of the account is reported before an error of a recipient', async () => {
    const server = await replyingServer({
      at: 'rcpt',
      reply: '550 5.1.8 <news@sender.example>: Sender address rejected: Domain not found',
      onlyFor: READER,
      otherwise: '450 4.2.0 Greylisted',
    });
    const to = [{ email: OTHER }, { email: READER }];
    const error = await failureOf(adapter.send(message({ to }), settingsFor(server)));
    expect(error).toMatchObject({ code: 'sender_rejected', fault: 'sender', stage: 'sender' });
    const { checks } = await adapter.diagnose(settingsFor(server), probe({ to: [OTHER, READER] }));
    expect(checks.fromAddress).toBe('failed');
    await server.close();
  });
});

function placesOf({ at }: ReplyRow): readonly Command[] {
  if (at === 'any') return TRANSACTION;
  return at === 'rcpt or end' ? ['rcpt', 'end'] : [at];
}

async function sendError({ poolKey, ...script }: Script & CallOptions): Promise<AdapterErrorDetails> {
  const server = await replyingServer(script);
  const options = poolKey === undefined ? {} : { poolKey };
  const error = await failureOf(adapter.send(message({ to: [{ email: READER }] }), settingsFor(server), options));
  if (poolKey !== undefined) adapter.release(poolKey);
  await server.close();
  return error;
}

async function sendToTwo(reply: string): Promise<SendResult> {
  const server = await replyingServer({ at: 'rcpt', reply, onlyFor: READER });
  const to = [{ email: READER }, { email: OTHER }];
  const result = await adapter.send(message({ to }), settingsFor(server));
  await server.close();
  return result;
}

async function diagnose(script: Script): Promise<Diagnosis> {
  const server = await replyingServer(script);
  const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to: [READER] }));
  await server.close();
  return diagnosis;
}

function expectFailure(error: AdapterErrorDetails | undefined, row: ReplyRow, at: Command): void {
  const { code, fault, retryable, hint } = row;
  expect([at, error?.code, error?.fault, error?.retryable]).toEqual([at, code, fault, retryable]);
  // A 421 to a recipient ends the session before nodemailer has recorded which command it replied to.
  const isFarewell = row.reply.startsWith('421') && at === 'rcpt' && error?.stage === 'message';
  if (!isFarewell) expect(error?.stage).toBe(code.startsWith('sender_') ? 'sender' : STAGES[at]);
  expect(error?.hint).toMatch(hint);
  expect(error?.smtpCode).toBe(Number(row.reply.slice(0, 3)));
  // A code that contradicts the reply code is ignored.
  const enhanced = /[245]\.\d\d?\.\d{1,3}(?=[\s)-]|$)/.exec(row.reply.slice(4))?.[0];
  expect(error?.enhancedCode).toBe(enhanced?.[0] === row.reply[0] ? enhanced : undefined);
}

function expectChecks({ ok, checks, error }: Diagnosis, row: ReplyRow, at: Command): void {
  expect(ok).toBe(false);
  const isAboutSender = row.code.startsWith('sender_');
  const failing: Partial<DiagnosisChecks> =
    at === 'greeting' || at === 'ehlo'
      ? { connectivity: 'failed', authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' }
      : at === 'auth'
        ? { connectivity: 'passed', authentication: 'failed', sendPermission: 'skipped', fromAddress: 'skipped' }
        : isAboutSender
          ? { connectivity: 'passed', authentication: 'passed', sendPermission: 'skipped', fromAddress: 'failed' }
          : { connectivity: 'passed', authentication: 'passed', sendPermission: permissionOf(row) };
  expect({ at, ...checks }).toMatchObject({ at, ...failing });
  // Postfix's delay until RCPT TO does not mean that the sender was accepted.
  if (at === 'rcpt' && !isAboutSender && error?.stage === 'recipient') {
    expect(checks.fromAddress).toBe(row.fault === 'recipient' ? 'passed' : 'skipped');
  }
}

function permissionOf({ code, fault }: ReplyRow): CheckStatus {
  const passes = ['rate_limited', 'recipient_deferred', 'temporarily_unavailable'].includes(code);
  return fault === 'recipient' || passes ? 'skipped' : 'failed';
}

/** A few at a time: hundreds of concurrent sockets would only wait for each other. */
async function inTurns(rows: readonly ReplyRow[], check: (row: ReplyRow) => Promise<void>): Promise<void> {
  const rest = [...rows];
  const work = async (): Promise<void> => {
    for (let row = rest.shift(); row !== undefined; row = rest.shift()) await check(row);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
