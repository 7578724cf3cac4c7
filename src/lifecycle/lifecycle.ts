import { WebhooksController } from '@score-crm/connections-http';
import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { ServiceError } from '../problems/service.errors.ts';
import { sendProblem } from '../problems/problem.filter.ts';
import { WEBHOOK_ROUTE } from '../webhooks/webhook-route.ts';

export type Phase = 'starting' | 'serving' | 'stopping';

/** The phase of the service. */
@Injectable()
export class Lifecycle {
  /** Resolves once the database is migrated. It stays pending if the start fails. */
  readonly started: Promise<void>;
  private readonly end = new AbortController();
  private current: Phase = 'starting';
  private resolveStarted!: () => void;

  constructor() {
    this.started = new Promise((resolve) => (this.resolveStarted = resolve));
  }

  get phase(): Phase {
    return this.current;
  }

  /** Aborts when the service begins to stop: responses that would not end by themselves then do. */
  get stopping(): AbortSignal {
    return this.end.signal;
  }

  serve(): void {
    if (this.current !== 'starting') return;
    this.current = 'serving';
    this.resolveStarted();
  }

  stop(): void {
    this.current = 'stopping';
    this.end.abort();
  }
}

@Module({ providers: [Lifecycle], exports: [Lifecycle] })
export class LifecycleModule {}

declare module 'fastify' {
  interface FastifyContextConfig {
    servedDuring?: readonly Phase[];
  }
}

/** The phases of the service in which a route is served. Without it, that is serving and stopping. */
export function ServedDuring(...phases: readonly Phase[]): MethodDecorator {
  return RouteConfig({ servedDuring: phases } satisfies Partial<FastifyContextConfig>);
}

/** The service is migrating its database, or is stopping. */
class NotServingError extends ServiceError {
  constructor(readonly code: 'starting' | 'stopping') {
    super(
      code === 'starting'
        ? 'The service is starting and migrates its database. Try again in a moment.'
        : 'This instance is stopping. Send new requests to another one.',
    );
  }
}

/** Load balancers that have not noticed a stop yet still get their requests answered. */
const DEFAULT_PHASES: readonly Phase[] = ['serving', 'stopping'];

/** Answers 503 on each route that is not served in the current phase. `@ServedDuring` names the phases of a route. */
export function guardByPhase(fastify: FastifyInstance, lifecycle: Lifecycle): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { phase } = lifecycle;
    const { servedDuring = DEFAULT_PHASES } = request.routeOptions.config;
    if (phase === 'serving' || servedDuring.includes(phase)) return undefined;
    // The body stays unread: Node must not wait for the rest of it on this connection.
    void reply.headers({ connection: 'close', 'cache-control': 'no-store' });
    sendProblem(new NotServingError(phase), request, reply);
    return reply;
  });
}

/**
 * Closes the connection after each response during a stop. Fastify waits for requests in flight, but Node would keep
 * their connections alive afterwards, and with them the process.
 */
export function endConnectionsOnStop(fastify: FastifyInstance, lifecycle: Lifecycle): void {
  fastify.addHook('preClose', (done) => {
    lifecycle.stop();
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (lifecycle.phase === 'stopping') void reply.header('connection', 'close');
    done(null, payload);
  });
}

/**
 * Fastify calls the webhook route without the guards, interceptors and pipes of Nest: they take a quarter of the time of a small
 * webhook. The route makes all checks itself. Nest still registers and documents it. Call this before Nest registers its routes.
 */
export function serveWebhooksDirectly(fastify: FastifyInstance, app: INestApplicationContext): void {
  const webhooks = app.get(WebhooksController, { strict: false });
  fastify.addHook('onRoute', (route) => {
    if (route.url !== WEBHOOK_ROUTE || route.method !== 'POST') return;
    route.handler = (request, reply) => webhooks.receive(request, reply);
  });
}
