import {
  ConnectionInUseError,
  ConnectionNotFoundError,
  type ConnectionsError,
  DatabaseUnavailableError,
  InvalidInputError,
  PositionExpiredError,
  PROBLEM_MEDIA_TYPE,
  SendFailedError,
  toProblem,
  VENDOR_STATUSES,
  VersionMismatchError,
} from '@score-crm/connections';
import { BodyTooLargeError, FrameworkError, MalformedJsonError, SlowBodyError } from '@score-crm/connections-http';
import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { MethodNotAllowedError } from '../problems/problem.filter.ts';
import { ERROR_CODES, type ErrorCodeName } from '../problems/error-codes.ts';
import { RateLimitExceededError } from '../rate-limits/rate-limiter.ts';
import { headerReferences, type ResponseHeader } from './response-headers.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

interface ProblemResponse {
  readonly name: string;
  readonly description: string;
  readonly headers?: readonly ResponseHeader[];
  /** The body of its response is the example. */
  readonly example: ConnectionsError<ErrorCodeName>;
}

const PORT_ERROR = {
  pointer: '/settings/port',
  code: 'out_of_range',
  message: 'Enter a whole number from 1 to 65535.',
};
const NOW = new Date(0);
const USAGE = { consumer: 'campaign', ref: '42', name: 'Spring sale', status: 'running' } as const;

/** Every error that the API returns, by status: `components/responses`. */
const PROBLEMS = {
  400: {
    name: 'BadRequest',
    description: 'The request could not be parsed, or a query parameter or header is not valid.',
    example: new MalformedJsonError(),
  },
  401: {
    name: 'Unauthorized',
    description: 'The API key, JWT or session is missing, invalid or expired.',
    headers: ['WWW-Authenticate'],
    example: new FrameworkError(
      new UnauthorizedException('Token is missing. Send an API key or JWT in the header "Authorization: Bearer …".'),
    ),
  },
  403: {
    name: 'Forbidden',
    description: 'The API key, JWT or session lacks the required scope, or is restricted to other connections.',
    example: new FrameworkError(new ForbiddenException('This needs the scope "manage"; your token has "read".')),
  },
  404: {
    name: 'NotFound',
    description: 'The resource does not exist, or belongs to another organization.',
    example: new ConnectionNotFoundError(),
  },
  405: {
    name: 'MethodNotAllowed',
    description: 'The path exists, but not with this method.',
    headers: ['Allow'],
    example: new MethodNotAllowedError('PUT', ['GET', 'POST']),
  },
  408: {
    name: 'RequestTimeout',
    description: 'The request body did not arrive in time. The service closes the connection.',
    example: new SlowBodyError(10_000),
  },
  409: {
    name: 'Conflict',
    description: 'The request conflicts with the current state of the resource.',
    headers: ['Retry-After'],
    example: new ConnectionInUseError([{ ...USAGE, active: true, createdAt: NOW, updatedAt: NOW }], 1),
  },
  410: {
    name: 'Gone',
    description: 'The requested data has been deleted after its retention.',
    example: new PositionExpiredError(),
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The resource has changed since you fetched it. The `ETag` header has its current version.',
    headers: ['ETag'],
    example: new VersionMismatchError(4),
  },
  413: {
    name: 'ContentTooLarge',
    description:
      'The request body is too large, or its JSON has too many levels or values: `errors` then says which, with the pointer of the whole body.',
    example: new BodyTooLargeError(1_048_576),
  },
  414: {
    name: 'UriTooLong',
    description: 'The URL, or one of its path parameters, is too long.',
    example: new FrameworkError({ statusCode: 414, message: 'The path parameters are too long. Check the IDs.' }),
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The media type, charset or encoding of the request body is not supported.',
    example: new FrameworkError({ statusCode: 415 }),
  },
  422: {
    name: 'UnprocessableContent',
    description: 'The input is not valid. `errors` lists each problem.',
    example: new InvalidInputError([PORT_ERROR]),
  },
  429: {
    name: 'TooManyRequests',
    description: 'Rate limit exceeded.',
    headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
    example: new RateLimitExceededError([], 'Too many requests from this API key or user.'),
  },
  500: {
    name: 'InternalServerError',
    description: 'Internal error. The log of the service has the cause under the request ID.',
    example: new FrameworkError(new Error('The cause stays in the log.')),
  },
  502: {
    name: 'BadGateway',
    description: 'Permanent vendor error. `error` has the details.',
    example: new SendFailedError({
      stage: 'message',
      code: 'invalid_response',
      fault: 'vendor',
      retryable: false,
      status: 200,
      hint: 'The vendor’s response could not be parsed. Check the base URL.',
    }),
  },
  503: {
    name: 'ServiceUnavailable',
    description: 'The service cannot process the request now.',
    headers: ['Retry-After'],
    example: new DatabaseUnavailableError(undefined),
  },
  504: {
    name: 'GatewayTimeout',
    description: 'Vendor timeout. `error` has the details.',
    example: new SendFailedError({
      stage: 'connect',
      code: 'connection_timeout',
      fault: 'network',
      retryable: true,
      hint: 'The server did not respond in time. Check host and port, then try again.',
    }),
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
const POSITION_EXPIRED = 'Events after this position have been deleted from the feed.';
const IN_USE = 'Campaigns or journeys that are scheduled, running or paused use the connection. `usages` lists them.';
const MODE_UNKNOWN = 'The sending mode of the connection is unknown to this version of the service.';
const DISABLED = 'The webhook endpoint is disabled.';
const IN_PROGRESS = 'Another request is setting up or removing the webhook.';

/** Errors of single operations that do not follow from their method, parameters, body and security. */
const OF_OPERATION: Readonly<Record<string, Descriptions>> = {
  deleteConnection: { 409: IN_USE },
  disableConnection: { 409: IN_USE },
  testConnection: { 409: MODE_UNKNOWN },
  testUnsavedConnection: { 404: 'The connection that `connectionId` names does not exist.', 409: MODE_UNKNOWN },
  claimConnection: { 409: 'The connection is disabled, or has the maximum number of usages.' },
  moveUsages: { 409: 'The other connection is disabled, or would have more than the maximum number of usages.' },
  releaseConnection: { 422: 'The consumer or the reference is not valid.' },
  sendMessage: {
    ...VENDOR_CALL,
    409: 'The connection is disabled. Or a request with the same `Idempotency-Key` is in progress, or was interrupted so that its message may have been sent.',
    413: 'The body is larger than 30 MiB, or its JSON has too many levels or values.',
    422: 'The message, a recipient, the sender or the connection’s settings are not valid, or the `Idempotency-Key` was used for another message.',
  },
  sendMessageBatch: {
    413: 'The body is larger than 30 MiB, or its JSON has too many levels or values.',
    422: 'The list of messages is not valid. The errors of messages are in their outcomes.',
  },
  getWebhookLog: VENDOR_CALL,
  getWebhookRegistration: VENDOR_CALL,
  registerWebhook: { ...VENDOR_CALL, 409: IN_PROGRESS },
  unregisterWebhook: { ...VENDOR_CALL, 409: IN_PROGRESS },
  readFeed: { 410: POSITION_EXPIRED },
  streamFeed: { 410: POSITION_EXPIRED },
  createWebhookEndpoint: { 409: 'The organization has the maximum number of webhook endpoints.' },
  replayWebhookMessages: { 409: DISABLED },
  replayWebhookMessage: { 409: DISABLED },
  sendWebhookSample: { 422: 'The vendor has no webhooks, or no sample events.' },
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
export const PROBLEM_CONTENT = { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

/** `components/responses`: the codes, the headers and an example of every error. */
export function problemResponses(): Record<string, object> {
  const responses = Object.entries(PROBLEMS as Readonly<Record<string, ProblemResponse>>).map(([status, problem]) => {
    const { name, description, headers = [], example } = problem;
    const { body } = toProblem(example, ERROR_CODES);
    if (body.status !== Number(status)) throw new Error(`The example of ${status} is one of ${String(body.status)}.`);
    const json = { ...PROBLEM_CONTENT[PROBLEM_MEDIA_TYPE], example: { ...body, requestId: REQUEST_ID } };
    const response = {
      description: `${description} Codes: ${codesOf(body.status).join(', ')}.`,
      headers: headerReferences(['X-Request-Id', ...headers]),
      content: { [PROBLEM_MEDIA_TYPE]: json },
    };
    return [name, response];
  });
  return Object.fromEntries(responses) as Record<string, object>;
}

const REQUEST_ID = '0193a4de-6c2f-7c1e-9f0a-2b6f3f6d8a11';
const VENDOR_CODE_STATUSES: readonly number[] = VENDOR_STATUSES;

function codesOf(status: number): string[] {
  return Object.entries(ERROR_CODES)
    .filter(([, code]) => code.status === status || (code.status === 'vendor' && VENDOR_CODE_STATUSES.includes(status)))
    .map(([name]) => `\`${name}\``);
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
  const { security = [], parameters = [], requestBody, operationId } = operation;
  // It depends on nothing that could fail.
  if (operationId === 'getLiveness') return [];
  const isSecured = security.length > 0;
  const mayHaveBody = method !== 'get';
  // Of other bodies, each line has its own errors in the result.
  const isJson = requestBody === undefined || ('content' in requestBody && 'application/json' in requestBody.content);
  // Every scope includes `read`, and sessions need no `Origin` to read.
  const mayBeForbidden = isSecured && (mayHaveBody || !security.some(({ bearer }) => bearer?.includes('read')));
  const hasIfMatch = parameters.some((parameter) => 'name' in parameter && parameter.name === 'If-Match');
  return [
    ...(parameters.length > 0 || (mayHaveBody && isJson) ? [400] : []),
    ...(isSecured ? [401] : []),
    ...(mayBeForbidden ? [403] : []),
    ...(path.includes('{') ? [404, 414] : []),
    ...(hasIfMatch ? [412] : []),
    ...(mayHaveBody ? [408, 413, 415] : []),
    ...(requestBody !== undefined && isJson && isSecured ? [422] : []),
    ...(isSecured ? [429] : []),
    // It reports a failure of the database as 503.
    ...(operationId === 'getReadiness' ? [] : [500]),
    503,
  ];
}
