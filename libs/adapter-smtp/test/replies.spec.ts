import type {
  AdapterErrorDetails,
  CheckStatus,
  Diagnosis,
  DiagnosisChecks,
  SendResult,
  Stage,
} from '@score-crm/adapter-kit';
import { rejectionClass } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { type Command, REPLIES, type ReplyRow } from './replies/index.ts';
import { offering, type Replies, ScriptedServer } from './scripted-server.ts';
import { loopbackAdapter, message, probe, settingsFor } from './support.ts';

const READER = 'reader@recipient.example';
const OTHER = 'other@recipient.example';
const TRANSACTION = ['mail', 'rcpt', 'data', 'end'] as const;
const STAGES: Readonly<Record<Command, Stage>> = {
  greeting: 'connect',
  ehlo: 'connect',
  auth: 'authenticate',
  mail: 'sender',
  rcpt: 'recipient',
  data: 'message',
  end: 'message',
};

/** What the scripted server calls the commands. */
const STEPS: Readonly<Record<Command, readonly string[]>> = {
  greeting: ['greeting'],
  ehlo: ['EHLO', 'HELO'],
  auth: ['AUTH'],
  mail: ['MAIL'],
  rcpt: ['RCPT'],
  data: ['DATA'],
  end: ['message'],
};

const adapter = loopbackAdapter();
let server: ScriptedServer;

beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => {
  adapter.release();
  return server.close();
});

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
      for (const [index, at] of places.entries()) {
        const diagnosis = await diagnose(at, row.reply, index % 2 === 1);
        expectFailure(diagnosis.error, row, at);
        expectChecks(diagnosis, row, at);
      }
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
  const ABOUT_THIS_SIDE = REPLIES.filter(
    ({ code, fault }) => (fault === 'sender' || fault === 'configuration') && !code.startsWith('recipient_'),
  );

  it('never classifies the address of a recipient as hard', () => {
    const atRcpt = ABOUT_THIS_SIDE.filter((row) => placesOf(row).includes('rcpt') && !row.reply.startsWith('421'));
    expect(atRcpt.length).toBeGreaterThan(80);
    for (const { reply, bounce } of atRcpt) expect(['block', 'policy']).toContain(bounce ?? reply);
  });

  it.each(ABOUT_THIS_SIDE.filter(({ at }) => at === 'mail').map(({ reply }) => reply))(
    'does not blame the recipient if a server delays it until RCPT TO: %s',
    async (reply) => {
      const [rejected] = (await sendToTwo(reply)).rejected;
      expect(['sender', 'configuration']).toContain(rejected?.error.fault);
      expect(['block', 'policy']).toContain(rejected && rejectionClass(rejected.error));
      if (rejected?.error.stage === 'sender') expect((await diagnose('rcpt', reply)).checks.fromAddress).toBe('failed');
    },
  );
});

describe('of several recipients', () => {
  it('an error of the account is reported before an error of a recipient', async () => {
    const reply = '550 5.1.8 <news@sender.example>: Sender address rejected: Domain not found';
    server.follow({ RCPT: (line) => (line.includes(READER) ? reply : '450 4.2.0 Greylisted') });
    const to = [{ email: OTHER }, { email: READER }];
    const error = await failureOf(adapter.send(message({ to }), settingsFor(server)));
    expect(error).toMatchObject({ code: 'sender_rejected', fault: 'sender', stage: 'sender' });
    const { checks } = await adapter.diagnose(settingsFor(server), probe({ to: [OTHER, READER] }));
    expect(checks.fromAddress).toBe('failed');
  });
});

function placesOf({ at }: ReplyRow): readonly Command[] {
  if (at === 'any') return TRANSACTION;
  return at === 'rcpt or end' ? ['rcpt', 'end'] : [at];
}

/** A server that accepts everything except one command. */
function rejecting(at: Command, reply: string, pipelining = false): Replies {
  const lines = reply.replaceAll('\n', '\r\n');
  const EHLO = offering('AUTH PLAIN LOGIN', ...(pipelining ? ['PIPELINING'] : []));
  return { EHLO, ...Object.fromEntries(STEPS[at].map((step) => [step, lines])) };
}

async function diagnose(at: Command, reply: string, pipelining?: boolean): Promise<Diagnosis> {
  server.follow(rejecting(at, reply, pipelining));
  return adapter.diagnose(settingsFor(server), probe({ to: [READER] }));
}

/** Over a pool, which keeps the connection for the next one. */
async function sendToTwo(reply: string): Promise<SendResult> {
  const lines = reply.replaceAll('\n', '\r\n');
  server.follow({ RCPT: (line) => (line.includes(READER) ? lines : '250 2.1.5 Recipient accepted') });
  const to = [{ email: READER }, { email: OTHER }];
  return adapter.send(message({ to }), settingsFor(server), { poolKey: 'a' });
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

function expectChecks({ ok, checks, stages, error }: Diagnosis, row: ReplyRow, at: Command): void {
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
  if (isAboutSender) expect(stages).toContainEqual({ stage: 'sender', status: 'failed' });
  // Postfix's delay until RCPT TO does not mean that the sender was accepted.
  if (at === 'rcpt' && !isAboutSender && error?.stage === 'recipient') {
    expect(checks.fromAddress).toBe(row.fault === 'recipient' ? 'passed' : 'skipped');
  }
}

function permissionOf({ code, fault }: ReplyRow): CheckStatus {
  const passes = ['rate_limited', 'recipient_deferred', 'temporarily_unavailable'].includes(code);
  return fault === 'recipient' || passes ? 'skipped' : 'failed';
}
