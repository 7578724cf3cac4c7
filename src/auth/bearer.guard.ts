import { API_ROUTES, type CallerResolver, networkOf, PUBLIC } from '@score-crm/connections-http';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { RateLimiter, RateLimitExceededError } from '../rate-limits/rate-limiter.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import { InvalidTokenError } from './auth.errors.ts';
import type { Principal } from './principal.ts';
import { SessionCookie } from './session-cookie.ts';
import { SessionsService } from './sessions.service.ts';

const API_KEY = /^sk_/;
// The verifier rejects an empty signature.
const JWT = /^[^.]+\.[^.]+\.[^.]*$/;

/** Returns the principal of a token, which is an API key or a JWT. */
@Injectable()
export class Authenticator {
  private readonly jwts: JwtVerifier | undefined;

  constructor(
    private readonly apiKeys: ApiKeysService,
    @Inject(CONFIGURATION) { jwt }: Configuration,
  ) {
    this.jwts = jwt === undefined ? undefined : new JwtVerifier(jwt);
  }

  /**
   * @throws InvalidTokenError
   * @throws IdentityProviderUnavailableError
   */
  async authenticate(token: string): Promise<Principal> {
    if (API_KEY.test(token)) return this.apiKeys.authenticate(token);
    if (!JWT.test(token))
      throw new InvalidTokenError('The token is not an API key or a JWT. Check that you copied all of it.');
    if (this.jwts === undefined)
      throw new InvalidTokenError('This service accepts only API keys. Create one, or configure JWT authentication.');
    return this.jwts.verify(token);
  }
}

/**
 * Limits failed sign-ins by network address. It counts after a token was rejected and never before, so a valid token is
 * accepted regardless of other requests from the same address.
 */
@Injectable()
export class SignInLimiter {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * Counts a failed sign-in.
   * @throws RateLimitExceededError if the address has exceeded its limit
   */
  async failed(address: string): Promise<void> {
    const applied = await this.limiter.consume('sign-in', networkOf(address));
    if (applied?.state.exceeded !== true) return;
    throw new RateLimitExceededError([applied], 'Too many failed sign-ins from your network address.');
  }
}

/** Signs in with a token, from a header or to create a session, and limits failed attempts. */
@Injectable()
export class SignIn {
  constructor(
    private readonly limiter: SignInLimiter,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @param address the network address of the sender
   * @throws InvalidTokenError
   * @throws RateLimitExceededError for an invalid token from an address that has sent too many
   * @throws IdentityProviderUnavailableError
   */
  async withToken(token: string, address: string): Promise<Principal> {
    try {
      return await this.authenticator.authenticate(token);
    } catch (error) {
      if (error instanceof InvalidTokenError && !error.isGenuine) await this.limiter.failed(address);
      throw error;
    }
  }
}

const SCHEME = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** The token of the header `Authorization`. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return SCHEME.exec(authorization ?? '')?.[1];
}

const READS = new Set(['GET', 'HEAD']);

/** Authenticates a request by its token or session cookie. */
@Injectable()
export class BearerAuthentication implements CallerResolver {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
  ) {}

  /** @throws UnauthorizedException, ForbiddenException, RateLimitExceededError or IdentityProviderUnavailableError */
  resolve(context: ExecutionContext): Promise<Principal> {
    const http = context.switchToHttp();
    return this.authenticate(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  private async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    const { authorization } = request.headers;
    const session = authorization === undefined ? this.cookie.read(request) : undefined;
    if (session !== undefined) return this.bySession(session, request, reply);
    const token = bearerToken(authorization);
    if (token === undefined) {
      reply.header('www-authenticate', 'Bearer');
      throw new UnauthorizedException(
        'Token is missing. Send an API key or JWT in the header "Authorization: Bearer …".',
      );
    }
    return this.byToken(token, request, reply);
  }

  /** An unknown session is not a failed sign-in: pages that stay open after a session ends would use up the limit. */
  private async bySession(id: string, request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    if (!READS.has(request.method) && !this.cookie.isFromOurPage(request)) {
      throw new ForbiddenException(
        'The header Origin is missing or is not this service. Sessions can write only from the pages of this service.',
      );
    }
    const principal = await this.sessions.find(id);
    if (principal !== undefined) return principal;
    this.cookie.clear(request, reply);
    reply.header('www-authenticate', 'Bearer');
    throw new UnauthorizedException('The session has ended. Sign in again.');
  }

  private async byToken(token: string, request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    try {
      return await this.signIn.withToken(token, request.ip);
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      throw new UnauthorizedException(error.message);
    }
  }
}

/**
 * Fails closed: only routes with `@ApiRoutes()`, which authenticate their requests, and those with `@Public()` are served. A
 * controller that has neither by mistake rejects every request.
 */
@Injectable()
export class DeclaredRoutesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const isDeclared = [API_ROUTES, PUBLIC].some((key) => this.reflector.getAllAndOverride(key, targets) === true);
    if (isDeclared) return true;
    throw new ForbiddenException('This route declares no authentication, so it rejects every request.');
  }
}
