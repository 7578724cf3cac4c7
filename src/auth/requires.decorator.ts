import { applyDecorators, SetMetadata } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiSecurity,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { Problem } from '../problems/problem.ts';
import type { Scope } from './scope.ts';

export const REQUIRED_SCOPE = 'score-connections:required-scope';

const HEADERS = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  RateLimit: {
    description: 'The requests that remain (r) and the seconds until the limit is reset (t), for each limit.',
    schema: { type: 'string', example: '"default";r=0;t=7' },
  },
  'RateLimit-Policy': {
    description: 'The requests allowed (q) in a window of seconds (w), for each limit.',
    schema: { type: 'string', example: '"default";q=1000;w=10' },
  },
} as const;

export const RATE_LIMITED = { description: 'Too many requests.', type: Problem, headers: HEADERS };

/** The right that a route asks for. A route without it is open to nobody. */
export function Requires(scope: Scope): MethodDecorator {
  return applyDecorators(
    SetMetadata(REQUIRED_SCOPE, scope),
    ApiSecurity('bearer', [scope]),
    ApiSecurity('session'),
    ApiUnauthorizedResponse({ description: 'No token, or one that is not valid.', type: Problem }),
    ApiTooManyRequestsResponse(RATE_LIMITED),
    ApiForbiddenResponse({ description: `The token lacks the right "${scope}".`, type: Problem }),
  );
}

export const PUBLIC = 'score-connections:public';

/** A route that asks for no token. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC, true);
}
