import { type AdapterCapabilities, EVENT_KINDS } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '@score-crm/connections';

type Row = readonly [name: string, cell: (adapter: RegisteredAdapter) => string];

const AUTHENTICATIONS: Readonly<Record<AdapterCapabilities['webhooks'], string>> = {
  none: '–',
  signature: 'signature over the body',
  'signed-token': 'signed token next to the events',
  'shared-secret': 'shared secret',
};

const SENDING: readonly Row[] = [
  ['Attachments', ({ adapter }) => mark(adapter.capabilities.attachments)],
  ['Inline images', ({ adapter }) => mark(adapter.capabilities.inlineImages)],
  ['Custom headers', ({ adapter }) => mark(adapter.capabilities.customHeaders)],
  ['Tags', ({ adapter }) => mark(adapter.capabilities.tags)],
  ['Metadata', ({ adapter }) => mark(adapter.capabilities.metadata)],
  ['Scheduled sending', ({ adapter }) => mark(adapter.capabilities.scheduling)],
  ['Max recipients per message', ({ adapter }) => limit(adapter.capabilities.maxRecipients)],
  ['Max message size', ({ adapter }) => limit(adapter.capabilities.maxMessageBytes)],
  ['Max messages per call', ({ adapter }) => limit(adapter.capabilities.maxBatch ?? 1)],
];

const WEBHOOKS: readonly Row[] = [
  ['Webhook authentication', ({ adapter }) => AUTHENTICATIONS[adapter.capabilities.webhooks]],
  ['Automatic setup', ({ adapter }) => mark(adapter.webhooks?.registration !== undefined)],
  ['Log of webhook requests', ({ adapter }) => mark(adapter.webhooks?.registration?.log !== undefined)],
  ['Max webhook size', ({ adapter }) => (adapter.webhooks === undefined ? '–' : limit(adapter.webhooks.bodyLimit))],
];

const EVENTS: readonly Row[] = EVENT_KINDS.filter((kind) => kind !== 'unknown').map((kind) => [
  `\`${kind}\``,
  ({ adapter }) => mark(adapter.capabilities.events.includes(kind)),
]);

/** Returns docs/vendor-matrix.md: the vendors' capabilities as Markdown. */
export function vendorMatrix(adapters: readonly RegisteredAdapter[]): string {
  return `# Vendor matrix

Generated from the adapters by \`npm run matrix\`. Features that a vendor does not support are rejected with the error \`unsupported\`, and limits
are checked before anything is sent; nothing is dropped silently. The conformance suite tests each column.

## Sending

${table(adapters, SENDING)}
Sizes are in bytes. “–” means not supported or, for a limit, that the vendor documents none.

## Webhooks

${table(adapters, WEBHOOKS)}
A signature over the body authenticates the events themselves. A signed token and a shared secret authenticate only the sender.

## Events

${table(adapters, EVENTS)}
Events of any other kind are kept as \`unknown\`.
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

function mark(isSupported: boolean): string {
  return isSupported ? '✓' : '–';
}

function limit(max: number | undefined): string {
  return max?.toLocaleString('en') ?? '–';
}
