import type { Caller } from '@score-crm/connections';
import {
  applyDecorators,
  createParamDecorator,
  type CustomDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { HttpRequest } from '../http/messages.ts';

/** What a caller may do. Each scope includes the ones before it. */
export const SCOPES = ['read', 'send', 'manage'] as const;
export type Scope = (typeof SCOPES)[number];

/** The sender of a request, as a `CallerResolver` returns it. Never take any of it from the path, query or body of the request. */
export interface RequestCaller extends Caller {
  readonly scope: Scope;
  /** The connections that the caller is restricted to; null or absent for no restriction. */
  readonly connectionIds?: readonly string[] | null;
  /** When the caller's token ends, and with it an open stream of events; null or absent if it does not end. */
  readonly expiresAt?: Date | null;
}

/** The sender of a request that `AccessGuard` has accepted. */
export type ApiCaller = RequestCaller & Required<Pick<RequestCaller, 'connectionIds' | 'expiresAt'>>;

export function includesScope(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
}

const CALLER = Symbol('score-connections:caller');

interface AcceptedRequest {
  [CALLER]?: ApiCaller;
}

/** The sender of a request; undefined if it has not been accepted, or needs no caller. */
export function callerOf(request: object): ApiCaller | undefined {
  return (request as AcceptedRequest)[CALLER];
}

export function setCaller(request: object, caller: ApiCaller): void {
  (request as AcceptedRequest)[CALLER] = caller;
}

/** Passes the sender of the request, which `AccessGuard` has accepted. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): ApiCaller => {
  const caller = callerOf(context.switchToHttp().getRequest<HttpRequest>());
  if (caller === undefined) throw new Error('The route requires no scope, so it has no caller.');
  return caller;
});

export const REQUIRED_SCOPE = 'score-connections:required-scope';

/** The scope that a route requires. Requests to a route without this decorator, or `Public`, are rejected. */
export function Requires(scope: Scope): MethodDecorator {
  return applyDecorators(SetMetadata(REQUIRED_SCOPE, scope), ApiSecurity('bearer', [scope]));
}

export const PUBLIC = 'score-connections:public';

/** A route that requires no caller. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC, true);
}

export const FOR_RESTRICTED_CALLERS = 'score-connections:for-restricted-callers';

/**
 * Allows callers that are restricted to connections to call a route without a connection in its path. The route itself
 * must not return or change other connections than `ApiCaller.connectionIds`.
 */
export function ForRestrictedCallers(): CustomDecorator {
  return SetMetadata(FOR_RESTRICTED_CALLERS, true);
}

export const TESTS_CONNECTION = 'score-connections:tests-connection';

/** A route that contacts a host that a tenant chose: `RequestLimits` may limit it more than others. */
export function TestsConnection(): CustomDecorator {
  return SetMetadata(TESTS_CONNECTION, true);
}
