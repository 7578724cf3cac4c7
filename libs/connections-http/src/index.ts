export { AccessGuard, assertMayUse } from './routes/access.guard.ts';
export { API_ROUTES, ApiRoutes } from './routes/api-routes.ts';
export {
  type ApiCaller,
  callerOf,
  CurrentCaller,
  ForRestrictedCallers,
  includesScope,
  PUBLIC,
  Public,
  type RequestCaller,
  Requires,
  type Scope,
  SCOPES,
} from './callers/caller.ts';

export { BodyTooLargeError, MalformedJsonError, SlowBodyError } from './bodies/body.errors.ts';
export { networkOf, UNAUTHENTICATED_BYTES_PER_NETWORK } from './bodies/read-body.ts';
export { isStreaming } from './bodies/stream-body.ts';

export { ConnectionsHttpModule } from './connections-http.module.ts';
export { OpenStreams } from './events/open-streams.ts';
export type { HttpRequest, HttpResponse } from './http/messages.ts';
export { type AbandonedRequest, type FailedRequest, NestRequestLog, type RequestLog } from './http/request-log.ts';
export { requestSchemas } from './openapi/request-schemas.ts';
export type { CallerResolver, ConnectionsHttpOptions, RequestLimits } from './options/connections-http.options.ts';

export { ApiError, FrameworkError } from './problems/api.errors.ts';
export { FIELD_ERROR_DESCRIPTIONS, HTTP_ERROR_CODES, type HttpErrorCode } from './problems/error-codes.ts';
export { Problem } from './problems/problem.dto.ts';
export { ProblemFilter, type ProblemOptions, sendProblem } from './problems/problem.filter.ts';

export { WebhooksController } from './webhooks/webhooks.controller.ts';
