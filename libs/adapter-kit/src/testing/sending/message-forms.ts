import assert from 'node:assert/strict';
import { AdapterError } from '../../errors/adapter-error.ts';
import type { EmailMessage } from '../../messages/email-message.ts';
import { plainMessage, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { endOf } from '../bench/failure.ts';
import { bodyOf, recordAt } from '../bench/record.ts';

const FILE = { filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('A text') } as const;
const GIVEN = 'Click@bücher.example';
const ON_THE_WIRE = 'Click@xn--bcher-kva.example';

/** Messages that every adapter must reject, even if its vendor would accept them. */
const REFUSED: readonly (readonly [what: string, message: Partial<EmailMessage>])[] = [
  ['a forged signature', { headers: { 'DKIM-Signature': 'v=1; a=rsa-sha256' } }],
  ['a forged trace', { headers: { Received: 'from mx.example' } }],
  ['a header that controls a vendor', { headers: { 'X-SMTPAPI': '{"to":["spy@elsewhere.example"]}' } }],
  ['two message ids', { headers: { 'Message-ID': '<a@sender.example> <b@sender.example>' } }],
  ['a line that cannot be broken', { headers: { 'X-Long': 'x'.repeat(1_500) } }],
  ['an address with a quoted local part', { to: [{ email: '"a b"@recipient.example' }] }],
  ['an attachment of a multipart type', { attachments: [{ ...FILE, contentType: 'multipart/related' }] }],
  ['a content ID with a space', { attachments: [{ ...FILE, contentId: 'my logo' }] }],
  ['metadata with a line break', { metadata: { note: 'one\ntwo' } }],
];

export function messageFormsChecks(context: Context): readonly ConformanceCheck[] {
  return [
    ...REFUSED.map(([what, message]) => check('message-forms', `rejects ${what}`, () => isRefused(context, message))),
    check('message-forms', 'sends domains in ASCII, and returns recipients as they were given', () => isAscii(context)),
    ...(context.http && context.adapter.capabilities.customHeaders
      ? [check('message-forms', 'encodes non-ASCII headers, and no others', () => isEncoded(context))]
      : []),
  ];
}

async function isRefused(context: Context, message: Partial<EmailMessage>): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const outcome = await endOf(adapter.send(plainMessage(message), settings), 'Sending it');
    assert(outcome instanceof AdapterError, 'It must be rejected with an AdapterError.');
    const { code, pointer } = outcome.details;
    assert(
      code === 'invalid_request' || code === 'unsupported',
      `The code must be invalid_request or unsupported, not ${code}.`,
    );
    assert(pointer !== undefined, 'The error must point to the member.');
    assert.equal(sandbox.mails.length, 0, 'The message was sent anyway.');
  });
}

async function isAscii(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const { accepted } = await adapter.send(plainMessage({ to: [{ email: GIVEN }] }), settings);
    assert.deepEqual(accepted, [GIVEN], 'The result must name the recipient as the message did.');
    assert.deepEqual(sandbox.mails.at(-1)?.recipients, [ON_THE_WIRE], 'The vendor must receive the domain in ASCII.');
  });
}

async function isEncoded(context: Context): Promise<void> {
  await withSandbox(context, async (bench) => {
    const headers = { 'X-Name': 'Größe', 'List-Id': '"News" <news.sender.example>' };
    const { requests } = await recordAt(context, bench, (listening) =>
      listening.send(plainMessage({ headers }), bench.settings),
    );
    const bodies = requests
      .map(bodyOf)
      .join('\n')
      .replaceAll(String.raw`\"`, '"');
    assert(!bodies.includes('Größe') && bodies.includes('=?'), 'A non-ASCII header must be sent as encoded words.');
    assert(bodies.includes(headers['List-Id']), 'An ASCII header must stay unchanged.');
  });
}
