import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { digestOf } from './api-keys.service.ts';
import { Authenticator } from './authenticator.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import { PUBLIC, REQUIRED_SCOPE } from './requires.decorator.ts';
import { includesScope, type Scope } from './scope.ts';
import { SignInLimiter } from './sign-in-limiter.ts';

const SCHEME = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** Lets a request pass only with a token that holds the right its route asks for. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limiter: SignInLimiter,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<true | undefined>(PUBLIC, targets) === true) return true;
    const needed = this.reflector.getAllAndOverride<Scope | undefined>(REQUIRED_SCOPE, targets);
    // Fails closed: a route that forgot to name its right is open to nobody.
    if (needed === undefined) throw new ForbiddenException('This route names no right.');

    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const principal = await this.authenticate(request, http.getResponse<FastifyReply>());
    if (!includesScope(principal.scope, needed)) {
      throw new ForbiddenException(`This needs a token with the right "${needed}"; yours has "${principal.scope}".`);
    }
    request.principal = principal;
    return true;
  }

  private async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    const token = SCHEME.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) {
      reply.header('www-authenticate', 'Bearer');
      throw new UnauthorizedException('Send a token in the header "Authorization: Bearer …".');
    }
    const digest = digestOf(token);
    await this.limiter.check(request.ip, digest);
    try {
      const principal = await this.authenticator.authenticate(token);
      this.limiter.succeeded(digest);
      return principal;
    } catch (error) {
      // What is not the token's fault is no attempt to guess one.
      if (!(error instanceof InvalidTokenError)) throw error;
      await this.limiter.failed(request.ip);
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      throw new UnauthorizedException(error.message);
    }
  }
}
