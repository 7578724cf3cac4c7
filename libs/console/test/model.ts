import type { Connection, Vendor, VendorField } from '../src/api/types.ts';

function field(name: string, more: Partial<VendorField>): VendorField {
  const plain = {
    secret: false,
    generated: false,
    bindsSecret: false,
    inboundOnly: false,
    advanced: false,
    multiline: false,
  };
  const known: VendorField = { name, label: name, type: 'string', required: false, schema: {}, ...plain };
  return { ...known, ...more };
}

/** A vendor with a field of every kind. */
export const vendor: Vendor = {
  vendor: 'model',
  displayName: 'Model',
  capabilities: {
    webhooks: 'signature',
    events: ['delivered', 'bounced'],
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: true,
    metadata: true,
    scheduling: false,
  },
  fields: [
    field('host', { label: 'Host', required: true, bindsSecret: true, group: 'Server' }),
    field('port', {
      label: 'Port',
      type: 'integer',
      bindsSecret: true,
      group: 'Server',
      schema: { default: 587, minimum: 1, maximum: 65_535 },
    }),
    field('login', {
      label: 'Login',
      options: [
        { value: 'password', label: 'Password' },
        { value: 'none', label: 'None' },
      ],
      bindsSecret: true,
      schema: { default: 'password', enum: ['password', 'none'] },
    }),
    field('password', {
      label: 'Password',
      required: true,
      secret: true,
      showIf: { field: 'login', in: ['password'] },
      schema: { minLength: 4 },
    }),
    field('hint', { label: 'Hint', showIf: { field: 'login', in: ['password'] } }),
    field('signingKey', { label: 'Signing key', secret: true, inboundOnly: true }),
    field('token', { label: 'Token', secret: true, generated: true, inboundOnly: true }),
    field('strict', { label: 'Strict', type: 'boolean', advanced: true, schema: { default: false } }),
  ],
  presets: [],
};

export const connection: Connection = {
  id: '01a21203-5fdb-7796-a8b5-f6c4bb20d142',
  name: 'Newsletter',
  vendor: 'model',
  settings: { host: 'mail.example.com', port: 587, login: 'password', strict: false },
  secrets: {
    password: { set: true, hint: null, updatedAt: '2026-01-01T00:00:00.000Z' },
    signingKey: { set: true, hint: '3f9c', updatedAt: '2026-01-01T00:00:00.000Z' },
  },
  fromEmail: 'news@example.com',
  fromName: null,
  senders: [{ email: 'news@example.com' }],
  allowedSenderDomains: [],
  checkSuppressions: true,
  limits: null,
  allowance: null,
  mode: 'live',
  redirectTo: null,
  enabled: true,
  disabledAt: null,
  lastTest: null,
  webhook: { supported: true, url: null, state: 'waiting', lastEventAt: null },
  usages: { total: 0, active: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  version: 3,
};
