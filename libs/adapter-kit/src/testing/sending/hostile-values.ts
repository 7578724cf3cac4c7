import assert from 'node:assert/strict';
import { AdapterError } from '../../errors/adapter-error.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import type { EmailMessage } from '../../messages/email-message.ts';
import { plainMessage, RECIPIENT, withSandbox, withValue } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { endOf } from '../bench/failure.ts';
import { makeCalls, recordAt } from '../bench/record.ts';

const BREAK = '\r\nBcc: spy@elsewhere.example\r\nX-Injected: yes';
const FILE = { filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('A text') } as const;

/** Members that become lines of a message, or parts of one. */
const MESSAGES: readonly (readonly [member: string, message: Partial<EmailMessage>])[] = [
  ['subject', { subject: `Hello${BREAK}` }],
  ['from.name', { from: { email: 'no-reply@sender.example', name: `Acme${BREAK}` } }],
  ['from.email', { from: { email: `no-reply@sender.example${BREAK}` } }],
  ['to.name', { to: [{ email: RECIPIENT, name: `Ada${BREAK}` }] }],
  ['to.email', { to: [{ email: `${RECIPIENT}${BREAK}` }] }],
  ['two addresses in one', { to: [{ email: `${RECIPIENT}, spy@elsewhere.example` }] }],
  ['an address within an address', { to: [{ email: `${RECIPIENT}> <spy@elsewhere.example` }] }],
  ['replyTo.name', { replyTo: [{ email: RECIPIENT, name: `Ada${BREAK}` }] }],
  ['a header’s value', { headers: { 'X-Own': `yes${BREAK}` } }],
  ['a header’s name', { headers: { 'X-Own: yes\r\nX-Injected': 'yes' } }],
  ['a header that is a member of the message', { headers: { bCC: 'spy@elsewhere.example' } }],
  ['attachment.filename', { attachments: [{ ...FILE, filename: `a.txt"${BREAK}` }] }],
  ['attachment.contentType', { attachments: [{ ...FILE, contentType: `text/plain${BREAK}` }] }],
  ['attachment.contentId', { attachments: [{ ...FILE, contentId: `logo>${BREAK}` }] }],
];

/** Values of settings and vendor ids that would lead elsewhere if they were put into a path unchanged. */
const PATH_PARTS = [
  '../../v3/elsewhere',
  '..',
  '.',
  'a/b',
  'a?b=c',
  'a#b',
  'a%2f..%2fb',
  'ä ö',
  '@elsewhere.example',
  '//x',
];
const PLAIN = 'abc';

export function hostileValuesChecks(context: Context): readonly ConformanceCheck[] {
  return [
    ...MESSAGES.map(([member, message]) =>
      check('hostile-values', `lets no value break out of ${member}`, () => isHarmless(context, message)),
    ),
    ...(context.http
      ? [check('hostile-values', 'lets no setting lead to another path', () => settingsStayInPlace(context))]
      : []),
    ...(context.webhook?.registration === undefined
      ? []
      : [check('hostile-values', 'lets no id of a webhook lead to another path', () => idsStayInPlace(context))]),
  ];
}

/** Rejected with what is wrong, before anything is sent. */
async function isHarmless(context: Context, hostile: Partial<EmailMessage>): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const outcome = await endOf(adapter.send(plainMessage(hostile), settings), 'Sending it');
    assert(outcome instanceof AdapterError, 'It must be rejected with an AdapterError.');
    const { code, retryable, status, smtpCode } = outcome.details;
    assert(
      code === 'invalid_request' || code === 'unsupported',
      `It must be invalid_request or unsupported, not ${code}.`,
    );
    assert.equal(retryable, false, 'The error must not be retryable.');
    assert.deepEqual([status, smtpCode], [undefined, undefined], 'It was left to the vendor to reject it.');
    assert.equal(sandbox.mails.length, 0, 'It was sent.');
  });
}

async function settingsStayInPlace(context: Context): Promise<void> {
  await withSandbox(context, async (bench) => {
    const { settings } = bench;
    for (const field of context.fields) {
      const { name, type, options, secret } = field;
      if (type !== 'string' || options !== undefined || secret === true) continue;
      const plain = withValue(context, settings, field, PLAIN);
      if (plain === undefined) continue;
      const expected = (await recordAt(context, bench, (adapter) => makeCalls(adapter, plain))).requests.map(shapeOf);
      for (const part of PATH_PARTS) {
        const hostile = withValue(context, settings, field, part);
        if (hostile === undefined) continue;
        const shapes = (await recordAt(context, bench, (adapter) => makeCalls(adapter, hostile))).requests.map(shapeOf);
        assertShapes(shapes, expected, `${name} = ${JSON.stringify(part)}`);
      }
    }
  });
}

async function idsStayInPlace(context: Context): Promise<void> {
  await withSandbox(context, async (bench) => {
    const { settings } = bench;
    const expected = (await recordAt(context, bench, (adapter) => makeCalls(adapter, settings, PLAIN))).requests.map(
      shapeOf,
    );
    // An empty id could turn the path into that of all webhooks.
    for (const part of ['', ...PATH_PARTS]) {
      const shapes = (await recordAt(context, bench, (adapter) => makeCalls(adapter, settings, part))).requests.map(
        shapeOf,
      );
      assertShapes(shapes, expected, `The id ${JSON.stringify(part)}`);
    }
  });
}

/** Every requested URL must be one that is requested anyway. The call may be rejected, or make no request. */
function assertShapes(shapes: readonly string[], expected: readonly string[], what: string): void {
  const strange = shapes.filter((shape) => !expected.includes(shape));
  assert.deepEqual(strange, [], `${what} leads to another address.`);
}

/** The shape of a request's URL: the server, the number of path segments, and the names in its query. */
function shapeOf({ method, url }: HttpRequest): string {
  const { origin, pathname, searchParams, hash } = new URL(url);
  const parts = pathname.split('/').map((part) => (part === '' ? '' : 'x'));
  return [method, origin, parts.join('/'), [...searchParams.keys()].join('&'), hash].join(' ');
}
