import { applyDecorators, SetMetadata, UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { JsonBodies } from '../bodies/json-bodies.ts';
import { RunningRequests } from './running-requests.ts';
import { ProblemFilter } from '../problems/problem.filter.ts';
import { QueryPipe } from '../queries/query.pipe.ts';
import { AccessGuard } from './access.guard.ts';

export const API_ROUTES = 'score-connections:api-routes';

/**
 * A controller whose requests pass `AccessGuard`, whose JSON bodies are read after that, whose query parameters are checked, and
 * whose errors are returned as problem details. The module of the controller imports `ConnectionsModule`.
 */
export function ApiRoutes(): ClassDecorator {
  return applyDecorators(
    SetMetadata(API_ROUTES, true),
    UseGuards(AccessGuard),
    // In this order: a stop does not wait for a body that is still arriving.
    UseInterceptors(JsonBodies, RunningRequests),
    UsePipes(QueryPipe),
    UseFilters(ProblemFilter),
  );
}
