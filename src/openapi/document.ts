import { STATUS_CODES } from 'node:http';
import { AdapterRegistry } from '@score-crm/connections';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SESSION_COOKIE } from '../auth/session-cookie.ts';
import { Problem } from '../problems/problem.ts';
import { describeDefaults } from './describe-defaults.ts';
import { API_DESCRIPTION, API_TAGS, API_VERSION } from './introduction.ts';
import { PROBLEM_CONTENT, problemReferences, problemResponses } from './problem-responses.ts';
import { addRequestExamples } from './request-examples.ts';
import { requestSchemas } from './request-schemas.ts';
import { headerReferences, RESPONSE_HEADERS, type ResponseHeader } from './response-headers.ts';

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
      addResponses(path, method, operation as Operation);
    }
  }
  addRequestExamples(document, adapters);
  const schemas = describeDefaults({ ...components?.schemas, ...requestSchemas(adapters) });
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
  id: { description: 'The id of the connection.', format: 'uuid' },
  connectionId: { description: 'The id of the connection.', format: 'uuid' },
  eventId: { description: 'The id of the event.' },
  vendor: { description: 'The vendor key, such as `smtp`.' },
  consumer: { description: 'What uses the connection.' },
};
const API_KEY_ID = { description: 'The id of the API key.', format: 'uuid' };

function describeParameters(path: string, { parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (!('name' in parameter) || parameter.in !== 'path') continue;
    const known = path.startsWith('/api/v1/api-keys/') ? API_KEY_ID : PATH_PARAMETERS[parameter.name];
    if (known === undefined) continue;
    parameter.description = known.description;
    if (known.format !== undefined) parameter.schema = { type: 'string', format: known.format };
  }
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
  createConnection: ['Location', 'ETag'],
  getConnection: ['ETag'],
  updateConnection: ['ETag'],
  createSession: ['Set-Cookie'],
  deleteSession: ['Set-Cookie'],
};

function headersOf({ operationId = '', security = [] }: Operation): ResponseHeader[] {
  const own = HEADERS_OF_OPERATION[operationId] ?? [];
  const isLimited = security.length > 0 || operationId === 'createSession';
  return ['X-Request-Id', ...own, ...(isLimited ? (['RateLimit', 'RateLimit-Policy'] as const) : [])];
}
