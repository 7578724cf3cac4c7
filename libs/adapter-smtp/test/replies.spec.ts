import { readFileSync } from 'node:fs';
import {
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type CheckStatus,
  type Diagnosis,
  type DiagnosisChecks,
  rejectionClass,
  type SendResult,
  type Stage,
} from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { errorOfReply } from '../src/smtp.reply-rules.ts';
import { parseReply, type SmtpReply } from '../src/smtp.reply.ts';
import { offering, type Replies, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { loopbackAdapter, message, probe, settingsFor } from './support.ts';

const READER = 'reader@recipient.example';
const OTHER = 'other@recipient.example';
const TRANSACTION = ['mail', 'rcpt', 'data', 'end'] as const;

/** The commands of the table: the stage of an error, and what the scripted server calls them. */
const COMMANDS = {
  greeting: ['connect', 'greeting'],
  ehlo: ['connect', 'EHLO', 'HELO'],
  auth: ['authenticate', 'AUTH'],
  mail: ['sender', 'MAIL'],
  rcpt: ['recipient', 'RCPT'],
  data: ['message', 'DATA'],
  end: ['message', 'message'],
} as const satisfies Record<string, readonly [stage: Stage, ...steps: string[]]>;
type Command = keyof typeof COMMANDS;

interface Row extends Pick<AdapterErrorDetails, 'code' | 'fault' | 'retryable'> {
  readonly server: string;
  readonly source: string;
  readonly at: string;
  readonly reply: string;
  /** The class of the `rejected` event if other recipients were accepted. */
  readonly bounce: string;
  readonly hint: string;
}

const ROWS = rowsOf(readFileSync(new URL('fixtures/replies.txt', import.meta.url), 'utf8'));

const adapter = loopbackAdapter();
let server: ScriptedServer;

beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => {
  adapter.release();
  return server.close();
});

it('the table has every well-known server, and a source for each reply', () => {
  expect(ROWS.length).toBeGreaterThan(160);
  expect(new Set(ROWS.map(({ server }) => server)).size).toBeGreaterThan(15);
  for (const { source } of ROWS) expect(source).toMatch(/^https:\/\/|^[\w.-]+\/[\w.-]+: /);
  const keys = ROWS.map(({ server, at, reply }) => `${server} ${at} ${reply}`);
  expect(new Set(keys).size).toBe(keys.length);
});

describe.each(ROWS.map((row) => [`${row.server}, ${row.at}: ${row.reply.split('\n')[0] ?? ''}`, row] as const))(
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
      it(`is ${row.bounce} for one recipient of two`, async () => {
        const { accepted, rejected } = await sendToTwo(row.reply);
        expect(accepted).toEqual([OTHER]);
        expect(rejected).toMatchObject([{ recipient: READER, error: { code: row.code, fault: row.fault } }]);
        expect(rejected.map(({ error }) => rejectionClass(error) ?? 'none')).toEqual([row.bounce]);
      });
    }
  },
);

describe('a reply about the sender, the HELO name or the client', () => {
  const ABOUT_THIS_SIDE = ROWS.filter(
    ({ code, fault }) => (fault === 'sender' || fault === 'configuration') && !code.startsWith('recipient_'),
  );

  it('never classifies the address of a recipient as hard', () => {
    const atRcpt = ABOUT_THIS_SIDE.filter((row) => placesOf(row).includes('rcpt') && !row.reply.startsWith('421'));
    expect(atRcpt.length).toBeGreaterThan(80);
    for (const { reply, bounce } of atRcpt)
      expect([reply, bounce]).toEqual([reply, expect.stringMatching(/^(block|policy)$/)]);
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

it('of several recipients, an error of the account is reported before an error of a recipient', async () => {
  const reply = '550 5.1.8 <news@sender.example>: Sender address rejected: Domain not found';
  server.follow({ RCPT: (line) => (line.includes(READER) ? reply : '450 4.2.0 Greylisted') });
  for (const options of [{}, { poolKey: 'b' }]) {
    const sending = adapter.send(message({ to: [{ email: OTHER }, { email: READER }] }), settingsFor(server), options);
    expect(await failureOf(sending)).toMatchObject({ code: 'sender_rejected', fault: 'sender', stage: 'sender' });
  }
  const { checks } = await adapter.diagnose(settingsFor(server), probe({ to: [OTHER, READER] }));
  expect(checks.fromAddress).toBe('failed');
});

describe('a reply', () => {
  it.each([
    ['550 5.1.1 User unknown', '5.1.1'],
    ['550-5.1.1 The account does not exist.\n550 5.1.1 Check the address.', '5.1.1'],
    ['550-Requested action not taken\n550 5.1.1 mailbox unavailable', '5.1.1'],
    ['421-4.7.0 Try again later, closing connection. (EHLO)\n421 4.7.0 gsmtp', '4.7.0'],
    ['550 #5.7.1 Your access has been rejected', '5.7.1'],
    ['550 sorry, no mailbox here by that name (#5.1.1)', '5.1.1'],
    ['571 sorry, sender address has invalid format (#5.7.1 - chkuser)', '5.7.1'],
    ['550', undefined],
    ['550 5.4.3.2 is listed', undefined],
    ['554 Exim 4.94.2 says no', undefined],
    ['550 mx5.1.1.example says no', undefined],
    ['550 blocked since 5.1.24', undefined],
    ['421 deferred - 4.16.55.1; see the error codes', undefined],
    ['451 5.7.3 STARTTLS is required', undefined],
    ['550 2.1.5 accepted after all', undefined],
  ])('%j has the enhanced code %s', (response, enhancedCode) => {
    expect(reply(response)).toMatchObject({ code: Number(response.slice(0, 3)) });
    expect(reply(response).enhancedCode).toBe(enhancedCode);
  });

  it.each(['', '55', 'HTTP/1.1 400', '+OK', '999 no', '5501 no', '550.1 no', 'x550 no'])(
    '%j is not one',
    (response) => {
      expect(parseReply(response)).toBeUndefined();
    },
  );

  it('keeps the text for users unchanged, and for patterns without what the client chose', () => {
    const [first, second] = [
      '550-5.7.1 <a@b.example>: Host mx.b.example rejected <host>',
      '550 5.7.1 See https://www.spamhaus.org/query/ip/192.0.2.1',
    ];
    expect(reply(`${first}\n${second}`)).toMatchObject({
      text: `${first} ${second}`,
      words: 'host rejected see www.spamhaus.org',
    });
  });

  const toUser = (name: string) =>
    `553 5.7.1 <news@sender.example>: Sender address rejected: not owned by user ${name}`;
  it.each<[string, AdapterErrorCode]>([
    // An address, a host name or the name of an account decides nothing.
    [
      '550 5.1.1 <sender-address-rejected@recipient.example>: Recipient address rejected: User unknown',
      'recipient_rejected',
    ],
    ['550 5.1.1 helo@recipient.example: user unknown', 'recipient_rejected'],
    ['550 5.1.1 <helo.command.rejected@spf.example> user unknown', 'recipient_rejected'],
    ['550 5.1.1 user unknown at relay.recipient.example', 'recipient_rejected'],
    ['550 5.1.1 user unknown at helo.example.', 'recipient_rejected'],
    ['550 5.1.1 user unknown (sender=relay@blocked.example)', 'recipient_rejected'],
    ...['relay', 'helo', 'spf', 'dkim-tls', 'blocked'].map(
      (name) => [toUser(name), 'sender_rejected'] as [string, AdapterErrorCode],
    ),
    // Words about the client can have another meaning.
    ['503 5.5.1 Error: send HELO/EHLO first', 'unexpected'],
    ['450 4.2.1 The user you are trying to contact is receiving mail too quickly', 'recipient_deferred'],
    ['552 5.2.2 The user you are sending to is over quota', 'recipient_rejected'],
    ['450 4.7.1 Greylisted, this relay is new here', 'recipient_deferred'],
    ['550 5.2.1 This account has been disabled', 'recipient_rejected'],
    ['503 AUTH command must be used first', 'permission_denied'],
    ['550 5.7.1 Message blocked due to spam content', 'message_rejected'],
    ['550 5.1.1 The recipient does not exist. Tell the sender that the mailbox is gone', 'recipient_rejected'],
  ])('%s, to RCPT TO, is %s', (response, code) => {
    expect(errorOfReply('recipient', reply(response)).code).toBe(code);
  });

  it.each(
    'daily |sender |sender address |ip |blocked ip |a| |@|<|relay-|1.1.1.|.a|-|from 1.1.1.1 |550 5.1.1 |http://'.split(
      '|',
    ),
  )('of 64 KiB of %j is parsed and classified', (part) => {
    const parsed = reply(`550 ${part.repeat(Math.ceil(65_536 / part.length))}`);
    // The text that the patterns search is limited, for any reply.
    expect(parsed.words.length).toBeLessThanOrEqual(2_048);
    for (const phase of ['greeting', 'hello', 'authenticate', 'sender', 'recipient', 'message'] as const) {
      expect(errorOfReply(phase, parsed).code).toBeDefined();
    }
  });
});

function reply(response: string): SmtpReply {
  const parsed = parseReply(response);
  if (parsed === undefined) throw new Error(`not a reply: ${response.slice(0, 50)}`);
  return parsed;
}

/** Parses the table, which describes its own form. */
function rowsOf(table: string): readonly Row[] {
  let [server, source] = ['', ''];
  const errors = new Map<string, Pick<Row, 'code' | 'fault' | 'retryable' | 'bounce' | 'hint'>>();
  return table.split('\n').flatMap((line) => {
    const [, name = '', code, fault, retryable, bounce = '', hint = ''] =
      /^= (\w+) +(\w+) +(\w+) +(retryable|final) +(\w+) +(.+)$/.exec(line) ?? [];
    const error = { code: code as Row['code'], fault: fault as Row['fault'], bounce, hint };
    if (name !== '') errors.set(name, { ...error, retryable: retryable === 'retryable' });
    [, server = server, source = source] = /^\[(.+) \| (.+)\]$/.exec(line) ?? [];
    const [, at = '', expected = '', text] = /^([a-z/]+) +([\w,]+) +(.+)$/.exec(line) ?? [];
    if (text === undefined) return [];
    const [base = '', ...changes] = expected.split(',');
    const known = errors.get(base);
    if (known === undefined) throw new Error(`unknown error: ${base}`);
    const changed = Object.fromEntries(changes.map((one) => (one === 'retryable' ? [one, true] : ['bounce', one])));
    return { server, source, at, reply: text.replaceAll(String.raw`\n`, '\n'), ...known, ...changed };
  });
}

function placesOf({ at }: Row): readonly Command[] {
  return at === 'any' ? TRANSACTION : (at.split('/') as Command[]);
}

/** A server that accepts everything except one command. */
function rejecting(at: Command, reply: string, pipelining = false): Replies {
  const [, ...steps] = COMMANDS[at];
  const lines = reply.replaceAll('\n', '\r\n');
  const EHLO = offering('AUTH PLAIN LOGIN', ...(pipelining ? ['PIPELINING'] : []));
  return { EHLO, ...Object.fromEntries(steps.map((step) => [step, lines])) };
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

function expectFailure(error: AdapterErrorDetails | undefined, row: Row, at: Command): void {
  const { code, fault, retryable, hint } = row;
  expect([at, error?.code, error?.fault, error?.retryable]).toEqual([at, code, fault, retryable]);
  // A 421 to a recipient ends the session before nodemailer has recorded which command it replied to.
  const isFarewell = row.reply.startsWith('421') && at === 'rcpt' && error?.stage === 'message';
  if (!isFarewell) expect(error?.stage).toBe(code.startsWith('sender_') ? 'sender' : COMMANDS[at][0]);
  expect(error?.hint).toMatch(new RegExp(hint, 'i'));
  expect(error?.smtpCode).toBe(Number(row.reply.slice(0, 3)));
  // A code that contradicts the reply code is ignored.
  const enhanced = /[245]\.\d\d?\.\d{1,3}(?=[\s)-]|$)/.exec(row.reply.slice(4))?.[0];
  expect(error?.enhancedCode).toBe(enhanced?.[0] === row.reply[0] ? enhanced : undefined);
}

function expectChecks({ ok, checks, stages, error }: Diagnosis, row: Row, at: Command): void {
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

function permissionOf({ code, fault }: Row): CheckStatus {
  const passes = ['rate_limited', 'recipient_deferred', 'temporarily_unavailable'].includes(code);
  return fault === 'recipient' || passes ? 'skipped' : 'failed';
}
