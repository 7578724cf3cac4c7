import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';

export interface JsonBodyLimits {
  readonly bytes: number;
  /** The time in which the whole body must arrive. */
  readonly milliseconds: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    rawBody?: true;
    jsonBody?: JsonBodyLimits;
  }
}

/** The handler reads the body itself, as the bytes that arrive, regardless of its type. */
export function RawBody(): MethodDecorator {
  return RouteConfig({ rawBody: true } satisfies Partial<FastifyContextConfig>);
}

/** Replaces the default limits of a route's JSON body. */
export function JsonBody(limits: JsonBodyLimits): MethodDecorator {
  return RouteConfig({ jsonBody: limits } satisfies Partial<FastifyContextConfig>);
}
