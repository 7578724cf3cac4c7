import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { headerReferences, type ResponseHeader } from './response-headers.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

interface ProblemResponse {
  readonly name: string;
  readonly description: string;
  readonly headers?: readonly ResponseHeader[];
  /** Members of the example besides `type`, `title`, `status` and `requestId`, which all problems have. */
  readonly example: { readonly code: string; readonly detail: string; readonly [member: string]: unknown };
}

/** Every error that the API returns, by status: `components/responses`. */
const PROBLEMS = {
  400: {
    name: 'BadRequest',
    description: 'The request cannot be parsed, or a query parameter or header is invalid.',
    example: { code: 'malformed', detail: 'The body is not valid JSON. Check it near byte 17.' },
  },
  401: {
    name: 'Unauthorized',
    description: 'The token or session is missing or not valid.',
    headers: ['WWW-Authenticate'],
    example: { code: 'unauthorized', detail: 'Send a token in the header "Authorization: Bearer …".' },
  },
  403: {
    name: 'Forbidden',
    description: 'The token lacks the required scope, or it is an API key that is restricted to other resources.',
    example: { code: 'forbidden', detail: 'This requires a token with the "manage" scope; yours has "read".' },
  },
  404: {
    name: 'NotFound',
    description: 'The resource does not exist, or it belongs to another organization.',
    example: { code: 'not_found', detail: 'There is no connection with this id.' },
  },
  405: {
    name: 'MethodNotAllowed',
    description: 'The path does not support this method. The `Allow` header lists the methods that it supports.',
    headers: ['Allow'],
    example: { code: 'method_not_allowed', detail: 'This path does not support PUT. Use GET, PATCH or DELETE.' },
  },
  408: {
    name: 'RequestTimeout',
    description: 'The request body did not arrive in time. The service closes the connection.',
    example: { code: 'body_timeout', detail: 'The body did not arrive in time. Send it without pauses.' },
  },
  409: {
    name: 'Conflict',
    description: 'The request conflicts with the current state of the resource.',
    example: {
      code: 'connection_in_use',
      detail: 'The connection is in use by 1 campaign or journey.',
      usages: [{ consumer: 'campaign', ref: '42', name: 'Spring sale', status: 'running' }],
    },
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The connection was changed after you read it. The `ETag` header has its current version.',
    headers: ['ETag'],
    example: { code: 'version_mismatch', detail: 'The connection was changed in the meantime. Read it again.' },
  },
  413: {
    name: 'PayloadTooLarge',
    description: 'The request body is too large, or its JSON has too many levels or values.',
    example: { code: 'payload_too_large', detail: 'The body is too large. Send at most 1048576 bytes.' },
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The media type or encoding of the request body is not supported.',
    example: {
      code: 'unsupported_media_type',
      detail: 'The media type is not supported. Send the body as application/json in UTF-8.',
    },
  },
  422: {
    name: 'UnprocessableContent',
    description: 'The input is not valid. `errors` lists every problem.',
    example: {
      code: 'invalid_input',
      detail: 'The input is not valid. Each problem is listed under errors.',
      errors: [{ pointer: '/settings/port', code: 'out_of_range', message: 'Enter a whole number from 1 to 65535.' }],
    },
  },
  429: {
    name: 'TooManyRequests',
    description: 'A rate limit was exceeded.',
    headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
    example: { code: 'too_many_requests', detail: 'Your API key or user sends too many requests. Wait 7 seconds.' },
  },
  500: {
    name: 'InternalServerError',
    description: 'An unexpected error. The log of the service has its cause under the request id.',
    example: { code: 'internal_error', detail: 'Something went wrong. If it persists, report the request id.' },
  },
  502: {
    name: 'BadGateway',
    description: 'Permanent vendor error. `error` has the details.',
    example: {
      code: 'send_failed',
      detail: 'The vendor’s response could not be understood. Contact the vendor.',
      error: {
        stage: 'message',
        code: 'invalid_response',
        fault: 'vendor',
        retryable: false,
        status: 200,
        hint: 'The vendor’s response could not be understood. Contact the vendor.',
      },
    },
  },
  503: {
    name: 'ServiceUnavailable',
    description: 'The service cannot process the request now, for example because the database does not respond.',
    headers: ['Retry-After'],
    example: { code: 'database_unavailable', detail: 'The database is not available. Try again in a moment.' },
  },
  504: {
    name: 'GatewayTimeout',
    description: 'Vendor timeout. `error` has the details.',
    example: {
      code: 'send_failed',
      detail: 'The vendor did not respond in time. Try again later.',
      error: {
        stage: 'connect',
        code: 'connection_timeout',
        fault: 'network',
        retryable: true,
        hint: 'The vendor did not respond in time. Try again later.',
      },
    },
  },
} as const satisfies Record<number, ProblemResponse>;

export type ProblemStatus = keyof typeof PROBLEMS;
type Descriptions = Readonly<Partial<Record<ProblemStatus, string>>>;

/** What an operation that calls the vendor's API may return in addition. */
const VENDOR_CALL: Descriptions = {
  422: 'The vendor rejected the request because of the connection’s settings or of the input. `error` has the details.',
  429: 'A rate limit of the service, or a rate limit or quota of the vendor, was exceeded.',
  502: 'Permanent vendor error. `error` has the details.',
  503: 'Temporary vendor error, or the service cannot process the request now.',
  504: 'Vendor timeout. `error` has the details.',
};
const IN_PROGRESS = 'Another request is setting up or removing the webhook.';

/** Errors of single operations that do not follow from their method, parameters, body and security. */
const OF_OPERATION: Readonly<Record<string, Descriptions>> = {
  deleteConnection: {
    409: 'Campaigns or journeys that are scheduled, running or paused use the connection. `usages` lists them.',
  },
  testUnsavedConnection: { 404: 'The connection that `connectionId` names does not exist.' },
  claimConnection: { 409: 'The connection has the maximum number of usages.' },
  releaseConnection: { 422: 'The consumer or the reference is not valid.' },
  sendMessage: {
    ...VENDOR_CALL,
    413: 'The body is larger than 30 MiB, or its JSON has too many levels or values.',
    422: 'The message, a recipient, the sender or the connection’s settings are not valid.',
  },
  getWebhookRegistration: VENDOR_CALL,
  registerWebhook: { ...VENDOR_CALL, 409: IN_PROGRESS },
  unregisterWebhook: { ...VENDOR_CALL, 409: IN_PROGRESS },
  createSession: {
    401: 'The token is not valid.',
    403: 'The request comes from a page of another site.',
    422: 'The token is missing or too long.',
    429: 'Too many failed sign-ins from this network address, or a rate limit was exceeded.',
  },
  receiveWebhook: {
    400: 'The request is authenticated, but its body could not be parsed as events. The service keeps it.',
    401: 'The signature or secret of the request is missing or not valid.',
    429: 'Too many unauthenticated requests are arriving from this network address.',
  },
};

/** The content of every error. */
export const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** `components/responses`: an example and the headers of every error. */
export function problemResponses(): Record<string, object> {
  const responses = Object.entries(PROBLEMS as Readonly<Record<string, ProblemResponse>>).map(([status, problem]) => {
    const { name, description, headers = [], example } = problem;
    return [name, { description, headers: headerReferences(['X-Request-Id', ...headers]), content: content(status, example) }];
  });
  return Object.fromEntries(responses) as Record<string, object>;
}

const REQUEST_ID = '0193a4de-6c2f-7c1e-9f0a-2b6f3f6d8a11';

function content(status: string, example: ProblemResponse['example']): object {
  const { code, detail, ...members } = example;
  const title = STATUS_CODES[status];
  const value = { type: 'about:blank', title, status: Number(status), code, detail, ...members, requestId: REQUEST_ID };
  return { 'application/problem+json': { ...PROBLEM_CONTENT['application/problem+json'], example: value } };
}

/** References to the errors that an operation may return, for its `responses`. */
export function problemReferences(path: string, method: string, operation: Operation): Record<string, object> {
  const specific = OF_OPERATION[operation.operationId ?? ''] ?? {};
  const statuses = new Set([...generalStatuses(path, method, operation), ...Object.keys(specific).map(Number)]);
  const references = [...statuses].map((status) => {
    const description = specific[status as ProblemStatus];
    const $ref = `#/components/responses/${PROBLEMS[status as ProblemStatus].name}`;
    return [String(status), { $ref, ...(description === undefined ? {} : { description }) }];
  });
  return Object.fromEntries(references) as Record<string, object>;
}

function generalStatuses(path: string, method: string, operation: Operation): number[] {
  const { security = [], parameters = [], requestBody } = operation;
  // It touches nothing that could fail.
  if (operation.operationId === 'getLiveness') return [];
  const isSecured = security.length > 0;
  const mayHaveBody = method !== 'get';
  const hasIfMatch = parameters.some((parameter) => 'name' in parameter && parameter.name === 'If-Match');
  return [
    ...(parameters.length > 0 || mayHaveBody ? [400] : []),
    ...(isSecured ? [401, 403] : []),
    ...(path.includes('{') ? [404] : []),
    ...(mayHaveBody ? [408] : []),
    ...(hasIfMatch ? [412] : []),
    ...(mayHaveBody ? [413, 415] : []),
    ...(requestBody !== undefined && isSecured ? [422] : []),
    ...(isSecured ? [429] : []),
    500,
    503,
  ];
}
