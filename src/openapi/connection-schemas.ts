import { EMAIL_ADDRESS_SCHEMA, settingsSchema } from '@score-crm/adapter-kit';
import { ConnectionDetails, MAX_SENDER_DOMAINS, type RegisteredAdapter } from '@score-crm/connections';

type Schemas = Record<string, object>;

/** The bodies that carry settings: one schema for each vendor, and unions of them that are told apart by `vendor`. */
export function connectionSchemas(adapters: readonly RegisteredAdapter[]): Schemas {
  const properties = { ...settingsSchema(ConnectionDetails).properties, allowedSenderDomains: senderDomains() };
  const schemas: Schemas = {};
  const create: Record<string, string> = {};
  const test: Record<string, string> = {};
  for (const { identity, adapter } of adapters) {
    const name = pascalCase(identity.displayName);
    const vendor = { type: 'string', enum: [identity.vendor] };
    const settings = reference(`${name}Settings`);
    schemas[`${name}Settings`] = settingsSchema(adapter.settings);
    schemas[`Create${name}Connection`] = {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'vendor', 'settings'],
      properties: { ...properties, vendor, settings, testId: testId() },
    };
    schemas[`Test${name}Connection`] = {
      type: 'object',
      additionalProperties: false,
      required: ['vendor', 'settings'],
      properties: { ...properties, vendor, settings, to: recipients() },
    };
    create[identity.vendor] = reference(`Create${name}Connection`).$ref;
    test[identity.vendor] = reference(`Test${name}Connection`).$ref;
  }
  return {
    ...schemas,
    CreateConnection: union(create),
    UpdateConnection: {
      type: 'object',
      additionalProperties: false,
      properties: { ...nullable(properties), settings: partialSettings(), testId: testId() },
    },
    TestChangedConnection: {
      type: 'object',
      additionalProperties: false,
      required: ['connectionId'],
      properties: {
        connectionId: { type: 'string', format: 'uuid', description: 'The connection that lends its stored secrets.' },
        ...nullable(properties),
        settings: partialSettings(),
        to: recipients(),
      },
    },
    TestUnsavedConnection: {
      oneOf: [...Object.values(test).map(($ref) => ({ $ref })), reference('TestChangedConnection')],
    },
  };
}

function union(mapping: Readonly<Record<string, string>>): object {
  return {
    oneOf: Object.values(mapping).map(($ref) => ({ $ref })),
    discriminator: { propertyName: 'vendor', mapping },
  };
}

function reference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

function senderDomains() {
  return {
    type: 'array',
    maxItems: MAX_SENDER_DOMAINS,
    items: { type: 'string', maxLength: 255 },
    description:
      'The domains that messages may be from: example.com, or *.example.com for all domains below it. Empty: any domain.',
  };
}

function recipients(): object {
  return { type: 'array', maxItems: 10, items: { type: 'string', ...EMAIL_ADDRESS_SCHEMA } };
}

function testId(): object {
  return { type: 'string', description: 'The `testId` of a test of these values, to record it with the connection.' };
}

function partialSettings(): object {
  return {
    type: 'object',
    additionalProperties: { type: ['string', 'integer', 'boolean', 'null'] },
    description: 'The fields of the vendor that change; null clears one.',
  };
}

/** In a change, null clears the sender. */
function nullable(properties: Readonly<Record<string, object>>): Record<string, object> {
  const entries = Object.entries(properties).map(([name, schema]) => {
    return [name, name === 'name' ? schema : { ...schema, type: [(schema as { type: string }).type, 'null'] }] as const;
  });
  return Object.fromEntries(entries);
}

function pascalCase(displayName: string): string {
  return displayName
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
