import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';
import type { Phase } from './lifecycle.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    servedDuring?: readonly Phase[];
  }
}

/** The phases of the service in which a route is served. Without it, that is serving and stopping. */
export function ServedDuring(...phases: readonly Phase[]): MethodDecorator {
  return RouteConfig({ servedDuring: phases } satisfies Partial<FastifyContextConfig>);
}
