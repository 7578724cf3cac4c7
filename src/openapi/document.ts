import { STATUS_CODES } from 'node:http';
import { inputSchema } from '@score-crm/adapter-kit';
import { AdapterRegistry } from '@score-crm/connections';
import { Problem, requestSchemas } from '@score-crm/connections-http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { CreateApiKey } from '../auth/api-key.dto.ts';
import { CreateSession } from '../auth/session.dto.ts';
import { SESSION_COOKIE } from '../auth/session-cookie.ts';
import { PROBLEM_CONTENT, problemReferences, problemResponses } from './problem-responses.ts';
import { addRequestExamples } from './request-examples.ts';
import { headerReferences, RESPONSE_HEADERS, type ResponseHeader } from './response-headers.ts';

/** The version of the API, not of the package. */
const API_VERSION = '1.0';

/** The first thing that a reader of the API documentation sees, in Markdown. */
const API_DESCRIPTION = `The email connections of Score CRM. A **connection** is a named account at an email vendor, with encrypted credentials. Use this API to create and test connections, send messages through them and read their delivery events.

**Authentication.** Send an API key or a JWT in the \`Authorization: Bearer …\` header. The token determines your organization and your scope: \`read\`, \`send\` (includes \`read\`) or \`manage\` (includes both). Resources of other organizations return 404.

**Errors.** Every error is a problem detail (RFC 9457) with the media type \`application/problem+json\`. Decide by its \`code\`, which is stable; \`detail\` is for people. If the input is not valid, \`errors\` lists every problem with a JSON pointer. If a vendor caused the error, \`error\` has the details. Unknown paths return 404, and unsupported methods return 405 with an \`Allow\` header.

**Pagination.** Lists are sorted newest first. Pass \`nextCursor\` of a page as \`cursor\` to fetch the next one. An empty query parameter counts as absent.

**Concurrent updates.** A connection has an \`ETag\`. Send it as \`If-Match\` when you update or delete the connection; the request fails with 412 if the connection has changed since.

**Idempotency.** Send an \`Idempotency-Key\` when you send a message or create a connection, and repeat the request with the same key after any failure: it is processed once.

**Rate limits.** The \`RateLimit\` and \`RateLimit-Policy\` headers report your limits. A request that exceeds one fails with 429 and a \`Retry-After\` header.

Clients must ignore unknown fields: new ones may be added without a new version of the API.`;

/** The tags, in the order in which the documentation shows them. */
const API_TAGS = [
  ['Connections', 'Create, read, update and delete connections.'],
  ['Tests', 'Test connections, stored or not: each stage from connecting to sending a test message.'],
  ['Messages', 'Send messages through a connection.'],
  ['Events', 'Delivery events of the messages that were sent through a connection.'],
  ['Webhooks', 'How vendors report events: the webhook of a connection, and the endpoint that vendors call.'],
  ['Outgoing webhooks', 'Endpoints of your own systems that receive the events of your organization.'],
  [
    'Suppressions',
    'Addresses that messages are not sent to: after bounces, complaints and unsubscriptions, or added by you.',
  ],
  ['Data protection', 'Erase what is stored about a recipient.'],
  ['Usages', 'Campaigns and journeys that use a connection. Connections in use cannot be deleted.'],
  ['Vendors', 'The supported vendors with their settings fields, presets and capabilities.'],
  ['API keys', 'The API keys of your organization.'],
  ['Audit', 'Who changed what, and when.'],
  ['Session', 'Sign-in of the console.'],
  ['Health', 'Health checks for load balancers and orchestrators.'],
] as const;

/** The request bodies of sign-in and API keys. */
const OWN_BODIES: Readonly<Record<string, object>> = {
  CreateApiKey: inputSchema(CreateApiKey),
  CreateSession: inputSchema(CreateSession),
};

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The OpenAPI document, generated from the controllers and from what the adapters declare. */
export function createDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('score-connections')
    .setDescription(API_DESCRIPTION)
    .setVersion(API_VERSION)
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'An API key (`sk_…`), or a JWT if the operator has configured JWT sign-in.',
    })
    .addSecurity('session', {
      type: 'apiKey',
      in: 'cookie',
      name: SESSION_COOKIE,
      description:
        'A session of the console. Over HTTPS, the name of the cookie starts with `__Host-`. Requests that write must have an `Origin` header with the public URL of the service.',
    });
  for (const [name, description] of API_TAGS) builder.addTag(name, description);
  const adapters = app.get(AdapterRegistry).all();
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
    extraModels: [Problem],
  });
  const { components, paths } = document;
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      describeParameters(path, operation as Operation);
      acceptSessions(operation as Operation);
      addResponses(path, method, operation as Operation);
    }
  }
  addRequestExamples(document, adapters);
  const schemas = describeDefaults({ ...components?.schemas, ...requestSchemas(adapters), ...OWN_BODIES });
  return {
    ...document,
    info: {
      title: document.info.title,
      description: API_DESCRIPTION,
      version: API_VERSION,
      license: { name: 'MIT', identifier: 'MIT' },
    } as OpenAPIObject['info'],
    components: { ...components, schemas, headers: RESPONSE_HEADERS, responses: problemResponses() },
  } as OpenAPIObject;
}

/** Path parameters, by name. `id` is a connection's unless the path is of something else. */
const PATH_PARAMETERS: Readonly<Record<string, { description: string; format?: string }>> = {
  id: { description: 'The ID of the connection.', format: 'uuid' },
  connectionId: { description: 'The ID of the connection.', format: 'uuid' },
  eventId: { description: 'The ID of the event.' },
  vendor: { description: 'The vendor key, such as `smtp`.' },
  consumer: { description: 'What uses the connection.' },
};
/** `id` of the paths that begin so. */
const IDS: Readonly<Record<string, { description: string; format: string }>> = {
  '/api/v1/api-keys/': { description: 'The ID of the API key.', format: 'uuid' },
  '/api/v1/webhook-endpoints/': { description: 'The ID of the webhook endpoint.', format: 'uuid' },
};

function describeParameters(path: string, { parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (!('name' in parameter) || parameter.in !== 'path') continue;
    const [, own] = Object.entries(IDS).find(([start]) => path.startsWith(start)) ?? [];
    const known = parameter.name === 'id' && own !== undefined ? own : PATH_PARAMETERS[parameter.name];
    if (known === undefined) continue;
    parameter.description = known.description;
    if (known.format !== undefined) parameter.schema = { type: 'string', format: known.format };
  }
}

/** The console's sessions are accepted wherever a token is. */
function acceptSessions({ security = [] }: Operation): void {
  if (security.length > 0) security.push({ session: [] });
}

/** Adds the headers of successful responses, and the errors. */
function addResponses(path: string, method: string, operation: Operation): void {
  const responses: Record<string, object> = { ...problemReferences(path, method, operation) };
  for (const [status, response] of Object.entries(operation.responses)) {
    const { description, content } = response as { readonly description: string; readonly content?: object };
    responses[status] = {
      description: description === '' ? `${String(STATUS_CODES[status])}.` : description,
      headers: headerReferences(headersOf(operation)),
      ...(content === undefined ? {} : { content: { ...content, ...(status in responses ? PROBLEM_CONTENT : {}) } }),
    };
  }
  if (method === 'get' && headersOf(operation).includes('ETag')) {
    responses['304'] = {
      description: 'The resource still has the `ETag` that `If-None-Match` names.',
      headers: headerReferences(headersOf(operation)),
    };
  }
  operation.responses = responses as Operation['responses'];
}

const HEADERS_OF_OPERATION: Readonly<Record<string, readonly ResponseHeader[]>> = {
  createConnection: ['Location', 'ETag', 'Idempotency-Replayed'],
  getConnection: ['ETag'],
  updateConnection: ['ETag'],
  sendMessage: ['Idempotency-Replayed'],
  createWebhookEndpoint: ['Location'],
  getWebhookEndpoint: ['ETag'],
  updateWebhookEndpoint: ['ETag'],
  createSession: ['Set-Cookie'],
  deleteSession: ['Set-Cookie'],
};

function headersOf({ operationId = '', security = [] }: Operation): ResponseHeader[] {
  const own = HEADERS_OF_OPERATION[operationId] ?? [];
  const isLimited = security.length > 0 || operationId === 'createSession';
  return ['X-Request-Id', ...own, ...(isLimited ? (['RateLimit', 'RateLimit-Policy'] as const) : [])];
}

/**
 * Moves the defaults of properties into their descriptions. Some client generators declare a property with a `default` as
 * required, since they use one type for requests and responses.
 */
function describeDefaults<T extends object>(schemas: T): T {
  return withoutDefaults(schemas) as T;
}

function withoutDefaults(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDefaults);
  if (typeof node !== 'object' || node === null) return node;
  const { properties } = node as { readonly properties?: Readonly<Record<string, object>> };
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutDefaults(value)]));
  if (properties === undefined) return copy;
  return { ...copy, properties: mapValues(copy['properties'] as Record<string, object>, withoutDefault) };
}

function withoutDefault(property: object): object {
  if (!('default' in property)) return property;
  const { default: value, ...rest } = property as { readonly default: unknown; readonly description?: string };
  const sentence = `Default: \`${typeof value === 'string' ? value : JSON.stringify(value)}\`.`;
  return { ...rest, description: rest.description === undefined ? sentence : `${rest.description} ${sentence}` };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
