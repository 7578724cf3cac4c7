import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { CONNECTION_TESTS } from './limits-connection-tests.decorator.ts';
import { PrincipalRateLimits, type Requester } from './principal-rate-limits.ts';

/** Limits the requests to routes that require a token. It runs after `BearerGuard`. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: PrincipalRateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { principal } = http.getRequest<{ readonly principal?: Requester }>();
    if (principal === undefined) return true;
    const isTest = this.reflector.get<true | undefined>(CONNECTION_TESTS, context.getHandler()) === true;
    await this.limits.count(principal, http.getResponse<FastifyReply>(), isTest);
    return true;
  }
}
