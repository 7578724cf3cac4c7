import { ConnectionNotFoundError } from '@score-crm/connections';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import type { HttpRequest } from '../http/messages.ts';
import { type ConnectionsHttpOptions, HTTP_OPTIONS } from '../options/connections-http.options.ts';
import {
  type ApiCaller,
  FOR_RESTRICTED_CALLERS,
  includesScope,
  PUBLIC,
  REQUIRED_SCOPE,
  type RequestCaller,
  type Scope,
  SCOPES,
  setCaller,
  TESTS_CONNECTION,
} from '../callers/caller.ts';

const OF_ONE_CONNECTION = /^connections\/:id(?:\/|$)/;

/** Accepts a request only from a caller that has the scope its route requires, and within the limits of the application. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(HTTP_OPTIONS) private readonly options: ConnectionsHttpOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<true | undefined>(PUBLIC, targets) === true) return true;
    const needed = this.reflector.getAllAndOverride<Scope | undefined>(REQUIRED_SCOPE, targets);
    // Fails closed: a route without a declared scope rejects every request.
    if (needed === undefined) {
      throw new ForbiddenException('This route declares no scope, so it rejects every request.');
    }
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const caller = await this.callerOf(context);
    if (!includesScope(caller.scope, needed)) {
      throw new ForbiddenException(
        `This request requires the scope "${needed}", but your token has "${caller.scope}".`,
      );
    }
    const isForRestricted = this.reflector.getAllAndOverride<true | undefined>(FOR_RESTRICTED_CALLERS, targets);
    assertRouteIsOpen(caller, context, request.params, isForRestricted === true);
    setCaller(request, caller);
    const isConnectionTest = this.reflector.get<true | undefined>(TESTS_CONNECTION, context.getHandler()) === true;
    await this.options.limits?.count(caller, context, isConnectionTest);
    return true;
  }

  private async callerOf(context: ExecutionContext): Promise<ApiCaller> {
    // An application in JavaScript may have left it out, or return null.
    const { callers } = this.options as Partial<ConnectionsHttpOptions>;
    const caller = (await callers?.resolve(context)) ?? undefined;
    if (caller === undefined) {
      throw new UnauthorizedException('The request is not authenticated. Send valid credentials.');
    }
    assertComplete(caller);
    return { connectionIds: null, expiresAt: null, ...caller };
  }
}

/** An incomplete caller could read what belongs to no organization, or to all of them. */
function assertComplete({ organization, actor, scope }: Partial<RequestCaller>): void {
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (isText(organization) && isText(actor) && SCOPES.some((known) => known === scope)) return;
  throw new TypeError(
    'CallerResolver.resolve returned a caller without an organization, an actor or a known scope. Return undefined if the request has no caller.',
  );
}

/**
 * Limits a restricted caller to its connections. Others are not found, and routes of the whole organization are forbidden
 * unless they have `@ForRestrictedCallers()`.
 * @throws ConnectionNotFoundError, ForbiddenException
 */
function assertRouteIsOpen(caller: ApiCaller, context: ExecutionContext, params: unknown, isMarked: boolean): void {
  if (caller.connectionIds === null) return;
  if (OF_ONE_CONNECTION.test(patternOf(context))) {
    assertMayUse(caller, (params as { readonly id?: unknown }).id);
  } else if (!isMarked) {
    throw new ForbiddenException('This API key is restricted to certain connections. Use a key without a restriction.');
  }
}

/** The path of the route below the prefixes of the application, such as `connections/:id/test`. */
function patternOf(context: ExecutionContext): string {
  return [context.getClass(), context.getHandler()]
    .flatMap((target) => String(Reflect.getMetadata(PATH_METADATA, target)).split('/'))
    .filter((segment) => segment !== '')
    .join('/');
}

/** @throws ConnectionNotFoundError */
export function assertMayUse({ connectionIds }: ApiCaller, id: unknown): void {
  if (connectionIds !== null && !connectionIds.some((own) => own === id)) throw new ConnectionNotFoundError();
}
