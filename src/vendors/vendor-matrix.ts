import { type AdapterCapabilities, EVENT_KINDS } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '@score-crm/connections';

type Row = readonly [name: string, cell: (adapter: RegisteredAdapter) => string];

const PROOFS: Readonly<Record<AdapterCapabilities['webhooks'], string>> = {
  none: '–',
  signature: 'signature over the body',
  'signed-token': 'signed token beside the events',
  'shared-secret': 'shared secret',
};

const SENDING: readonly Row[] = [
  ['Attachments', ({ adapter }) => mark(adapter.capabilities.attachments)],
  ['Inline images', ({ adapter }) => mark(adapter.capabilities.inlineImages)],
  ['Headers of one’s own', ({ adapter }) => mark(adapter.capabilities.customHeaders)],
  ['Tags', ({ adapter }) => mark(adapter.capabilities.tags)],
  ['Metadata', ({ adapter }) => mark(adapter.capabilities.metadata)],
  ['Sending later', ({ adapter }) => mark(adapter.capabilities.scheduling)],
  ['Recipients of a message', ({ adapter }) => limit(adapter.capabilities.maxRecipients)],
  ['Bytes of a message', ({ adapter }) => limit(adapter.capabilities.maxMessageBytes)],
];

const WEBHOOKS: readonly Row[] = [
  ['Proof of a post', ({ adapter }) => PROOFS[adapter.capabilities.webhooks]],
  ['Set up through the API', ({ adapter }) => mark(adapter.webhooks?.registration !== undefined)],
  ['Bytes of a post', ({ adapter }) => (adapter.webhooks === undefined ? '–' : limit(adapter.webhooks.bodyLimit))],
];

const EVENTS: readonly Row[] = EVENT_KINDS.filter((kind) => kind !== 'unknown').map((kind) => [
  `\`${kind}\``,
  ({ adapter }) => mark(adapter.capabilities.events.includes(kind)),
]);

/** What the vendors can do and cannot, as Markdown. */
export function vendorMatrix(adapters: readonly RegisteredAdapter[]): string {
  return `# What the vendors can do

Made from the adapters by \`npm run matrix\`. What a vendor cannot do is refused with the error \`unsupported\`, never dropped; limits
are upheld before anything is sent. The conformance suite holds each adapter to its column.

## Sending

${table(adapters, SENDING)}
A limit of – is one that the vendor does not state.

## Webhooks

${table(adapters, WEBHOOKS)}
A signature proves the events themselves. A signed token and a shared secret prove who sent them, and nothing of what they say.

## Events

${table(adapters, EVENTS)}
Each vendor may also report what is none of these; it is kept as \`unknown\`.
`;
}

function table(adapters: readonly RegisteredAdapter[], rows: readonly Row[]): string {
  const lines = [
    ['', ...adapters.map(({ identity }) => identity.displayName)],
    ['---', ...adapters.map(() => '---')],
    ...rows.map(([name, cell]) => [name, ...adapters.map(cell)]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function mark(holds: boolean): string {
  return holds ? '✓' : '–';
}

function limit(most: number | undefined): string {
  return most?.toLocaleString('en') ?? '–';
}
