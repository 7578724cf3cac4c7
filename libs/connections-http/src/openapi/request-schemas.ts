import type { Type } from '@nestjs/common';
import { type InputSchema, inputSchema } from '@score-crm/adapter-kit';
import {
  AddSuppressionInput,
  AttachmentInput,
  BatchMessageInput,
  CheckSuppressionsInput,
  ClaimUsageInput,
  CreateConnectionInput,
  CreateWebhookEndpointInput,
  EraseRecipientInput,
  LaunchCheckInput,
  MailboxInput,
  MessageInput,
  MoveUsagesInput,
  type RegisteredAdapter,
  ReplayMessagesInput,
  ReprocessInput,
  SeekConsumerInput,
  SendBatchInput,
  SenderInput,
  SendingLimits,
  TestConnectionInput,
  TestUnsavedConnectionInput,
  UpdateConnectionInput,
  UpdateWebhookEndpointInput,
  WarmUp,
} from '@score-crm/connections';

type Schemas = Record<string, object>;

/** The bodies that are the same for every vendor, by the names of their schemas. */
const INPUTS: Readonly<Record<string, Type<object>>> = {
  AddSuppression: AddSuppressionInput,
  BatchMessage: BatchMessageInput,
  CheckLaunch: LaunchCheckInput,
  CheckSuppressions: CheckSuppressionsInput,
  ClaimUsage: ClaimUsageInput,
  ConnectionSender: SenderInput,
  CreateWebhookEndpoint: CreateWebhookEndpointInput,
  EraseRecipient: EraseRecipientInput,
  SendMessage: MessageInput,
  Mailbox: MailboxInput,
  MoveUsages: MoveUsagesInput,
  Attachment: AttachmentInput,
  ReplayWebhookMessages: ReplayMessagesInput,
  ReprocessDeliveries: ReprocessInput,
  SeekConsumer: SeekConsumerInput,
  SendBatch: SendBatchInput,
  SendingLimits,
  TestConnection: TestConnectionInput,
  UpdateWebhookEndpoint: UpdateWebhookEndpointInput,
  WarmUp,
};

/**
 * The schemas of all request bodies, from the classes that validate them, for `components.schemas` of an OpenAPI document. Those
 * that carry settings have one schema for each vendor, and a union of them with the discriminator `vendor`.
 */
export function requestSchemas(adapters: readonly RegisteredAdapter[]): Schemas {
  const create = inputSchema(CreateConnectionInput, referenceTo);
  const test = inputSchema(TestUnsavedConnectionInput, referenceTo);
  const schemas: Schemas = {};
  const [creations, tests]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const { identity, adapter } of adapters) {
    const name = pascalCase(identity.displayName);
    const own = {
      vendor: { ...create.properties['vendor'], enum: [identity.vendor], example: identity.vendor },
      settings: reference(`${name}Settings`),
    };
    schemas[`${name}Settings`] = inputSchema(adapter.settings);
    schemas[`Create${name}Connection`] = { ...create, properties: { ...create.properties, ...own } };
    schemas[`Test${name}Connection`] = {
      ...test,
      required: ['vendor', 'settings'],
      properties: { ...without(test, 'connectionId'), ...own },
    };
    creations[identity.vendor] = reference(`Create${name}Connection`).$ref;
    tests[identity.vendor] = reference(`Test${name}Connection`).$ref;
  }
  const update = inputSchema(UpdateConnectionInput, referenceTo);
  return {
    ...Object.fromEntries(Object.entries(INPUTS).map(([name, type]) => [name, inputSchema(type, referenceTo)])),
    ...schemas,
    CreateConnection: {
      oneOf: Object.values(creations).map(($ref) => ({ $ref })),
      discriminator: { propertyName: 'vendor', mapping: creations },
    },
    UpdateConnection: { ...update, properties: { ...update.properties, settings: partialSettings(update) } },
    TestChangedConnection: {
      ...test,
      required: ['connectionId'],
      properties: { ...without(test, 'vendor'), settings: partialSettings(test) },
    },
    TestUnsavedConnection: {
      oneOf: [...Object.values(tests).map(($ref) => ({ $ref })), reference('TestChangedConnection')],
    },
  };
}

function reference(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

function referenceTo(type: Type<object>): { readonly $ref: string } {
  const [name] = Object.entries(INPUTS).find(([, known]) => known === type) ?? [];
  if (name === undefined) throw new TypeError(`${type.name} has no name among the request schemas.`);
  return reference(name);
}

function without({ properties }: InputSchema, name: string): InputSchema['properties'] {
  return Object.fromEntries(Object.entries(properties).filter(([other]) => other !== name));
}

/** Which fields there are depends on the vendor of the stored connection. */
function partialSettings({ properties }: InputSchema): object {
  return { ...properties['settings'], additionalProperties: { type: ['string', 'integer', 'boolean', 'null'] } };
}

function pascalCase(displayName: string): string {
  return displayName
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
