import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiForbiddenResponse, ApiSecurity, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { Problem } from '../problems/problem.ts';
import type { Scope } from './scope.ts';

export const REQUIRED_SCOPE = 'score-connections:required-scope';

/** The right that a route asks for. A route without it is open to nobody. */
export function Requires(scope: Scope): MethodDecorator {
  return applyDecorators(
    SetMetadata(REQUIRED_SCOPE, scope),
    ApiSecurity('bearer', [scope]),
    ApiSecurity('session'),
    ApiUnauthorizedResponse({ description: 'No token, or one that is not valid.', type: Problem }),
    ApiForbiddenResponse({ description: `The token lacks the right "${scope}".`, type: Problem }),
  );
}

export const PUBLIC = 'score-connections:public';

/** A route that asks for no token. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC, true);
}
