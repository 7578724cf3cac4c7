import assert from 'node:assert/strict';
import type { AdapterCapabilities } from '../../adapter/email-adapter.ts';
import { EVENT_KINDS } from '../../events/email-event.ts';
import type { EmailMessage } from '../../messages/email-message.ts';
import { type Bench, plainMessage, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { promptErrorOf } from '../bench/failure.ts';
import { bodyOf, recordAt } from '../bench/record.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A whole second, the unit of vendors' schedules. */
const LATER = new Date(Math.ceil(Date.now() / HOUR_MS + 1) * HOUR_MS);

interface Ability {
  readonly name: string;
  readonly flag: keyof AdapterCapabilities;
  /** The pointer of the error if the vendor does not support it. */
  readonly pointer: string;
  readonly members: () => Partial<EmailMessage>;
  /** What the request to the vendor must contain, in one of these spellings. */
  readonly sent: readonly string[];
  /** The same member without content, which every vendor accepts. */
  readonly empty?: Partial<EmailMessage>;
}

const LOGO = {
  filename: 'logo.png',
  contentType: 'image/png',
  content: Buffer.from('89504e470d0a1a0a', 'hex'),
} as const;

const ABILITIES: readonly Ability[] = [
  {
    name: 'attachments',
    flag: 'attachments',
    pointer: '/attachments',
    members: () => ({
      attachments: [{ filename: 'Übersicht 1.txt', contentType: 'text/plain', content: Buffer.from('A text, so') }],
    }),
    sent: [Buffer.from('A text, so').toString('base64'), 'A text, so'],
    empty: { attachments: [] },
  },
  {
    name: 'inline images',
    flag: 'inlineImages',
    pointer: '/attachments',
    members: () => ({ html: '<img src="cid:logo-1">', attachments: [{ ...LOGO, contentId: 'logo-1' }] }),
    sent: [LOGO.content.toString('base64'), LOGO.content.toString('latin1')],
  },
  {
    name: 'custom headers',
    flag: 'customHeaders',
    pointer: '/headers',
    members: () => ({ headers: { 'X-Campaign': 'spring-1' } }),
    sent: ['spring-1'],
    empty: { headers: {} },
  },
  {
    name: 'tags',
    flag: 'tags',
    pointer: '/tags',
    members: () => ({ tags: ['spring-2'] }),
    sent: ['spring-2'],
    empty: { tags: [] },
  },
  {
    name: 'metadata',
    flag: 'metadata',
    pointer: '/metadata',
    members: () => ({ metadata: { campaign: 'c-1', journey: 'j/2 ü' } }),
    sent: ['c-1'],
    empty: { metadata: {} },
  },
  {
    name: 'scheduling',
    flag: 'scheduling',
    pointer: '/sendAt',
    members: () => ({ sendAt: LATER }),
    sent: [
      String(LATER.getTime() / 1000),
      LATER.toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length),
      LATER.toUTCString().slice(0, 'Thu, 01 Jan 1970 00:00'.length),
    ],
  },
];

export function capabilitiesChecks(context: Context): readonly ConformanceCheck[] {
  const { capabilities } = context.adapter;
  return [
    check('declares-itself', 'declares its identity and capabilities', () => declaresItself(context)),
    ...ABILITIES.map((ability) =>
      capabilities[ability.flag] === true
        ? check('capabilities-kept', `sends with ${ability.name}`, () => isAccepted(context, ability))
        : check('unsupported-refused', `rejects ${ability.name}`, () => isRejected(context, ability)),
    ),
  ];
}

async function declaresItself(context: Context): Promise<void> {
  const { adapter, identity, webhook } = context;
  const { webhooks, events, maxRecipients, maxMessageBytes } = adapter.capabilities;
  assert.equal(
    webhooks,
    webhook?.receiver.authentication ?? 'none',
    '`capabilities.webhooks` must equal the authentication of the webhooks.',
  );
  assert.deepEqual([...new Set(events)], events, '`capabilities.events` names a kind twice.');
  const strange = events.filter((kind) => kind === 'unknown' || !EVENT_KINDS.includes(kind));
  assert.deepEqual(strange, [], '`capabilities.events` lists an unknown kind, or `unknown`, which is always possible.');
  assert.equal(
    events.length > 0,
    webhook !== undefined,
    '`capabilities.events` must be empty without webhooks, and only then.',
  );
  for (const limit of [maxRecipients, maxMessageBytes]) {
    assert(limit === undefined || (Number.isSafeInteger(limit) && limit > 0), `${String(limit)} is not a valid limit.`);
  }
  const { docsUrl } = identity;
  assert(docsUrl === undefined || docsUrl.startsWith('https://'), 'docsUrl must be an https:// address.');
  if (webhook !== undefined) {
    const { bodyLimit, parameters = [] } = webhook.receiver;
    assert(Number.isSafeInteger(bodyLimit) && bodyLimit > 0, '`bodyLimit` must be a number of bytes.');
    assert.deepEqual([...new Set(parameters)], parameters, '`parameters` names one twice.');
  }
  await withSandbox(context, ({ sandbox }) => {
    assert.equal(sandbox.vendor, identity.vendor, 'The sandbox belongs to another vendor.');
  });
}

async function isAccepted(context: Context, { members, name, sent }: Ability): Promise<void> {
  await withSandbox(context, async (bench) => {
    const { adapter, sandbox, settings } = bench;
    const message = plainMessage(members());
    const { messageId } = await adapter.send(message, settings);
    const ids = sandbox.mails.map((mail) => mail.messageId);
    assert.deepEqual(ids, [messageId], `It declares ${name}, but the vendor has no such message.`);
    if (!context.http) return;
    const { requests } = await recordAt(context, bench, (listening) => listening.send(message, settings));
    const bodies = requests.map(bodyOf).join('\n');
    assert(
      sent.some((text) => bodies.includes(text)),
      `It declares ${name}, but the request to the vendor does not contain them.`,
    );
  });
}

async function isRejected(context: Context, ability: Ability): Promise<void> {
  await withSandbox(context, async (bench) => {
    const { adapter, sandbox, settings } = bench;
    const error = await promptErrorOf(
      adapter.send(plainMessage(ability.members()), settings),
      `Sending ${ability.name}`,
    );
    assert.equal(error.details.code, 'unsupported', `${ability.name} must be an unsupported error.`);
    const { pointer = '' } = error.details;
    assert(
      `${pointer}/`.startsWith(`${ability.pointer}/`),
      `The error must point at ${ability.pointer}, not “${pointer}”.`,
    );
    assert.equal(sandbox.mails.length, 0, 'The message was sent anyway.');
    await acceptsEmpty(bench, ability);
  });
}

async function acceptsEmpty({ adapter, settings }: Bench, { empty, name }: Ability): Promise<void> {
  if (empty === undefined) return;
  await assert.doesNotReject(
    adapter.send(plainMessage(empty), settings),
    `An empty value for ${name} must be accepted.`,
  );
}
