import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Scope } from './scope.ts';

export const REQUIRED_SCOPE = 'score-connections:required-scope';

/** The scope that a route requires. Requests to a route without this decorator, or `Public`, are rejected. */
export function Requires(scope: Scope): MethodDecorator {
  return applyDecorators(SetMetadata(REQUIRED_SCOPE, scope), ApiSecurity('bearer', [scope]), ApiSecurity('session'));
}

export const PUBLIC = 'score-connections:public';

/** A route that requires no token. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC, true);
}
