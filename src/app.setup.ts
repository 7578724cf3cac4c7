import fastifyCookie from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type FastifyBaseLogger, LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.ts';
import { leaveBodiesUnread } from './bodies/unread-bodies.ts';
import type { Configuration } from './config/configuration.ts';
import { serveConsole } from './console/serve-console.ts';
import { endConnectionsOnStop } from './lifecycle/end-connections-on-stop.ts';
import { guardByPhase } from './lifecycle/gate.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { NestLogger } from './logging/nest-logger.ts';
import { logRequests, requestIdOf } from './logging/request-log.ts';
import { supportIfNoneMatch } from './connections/if-none-match.ts';
import { createDocument } from './openapi/document.ts';
import { rememberPaths } from './problems/allowed-methods.ts';
import { sendProblem } from './problems/problem.filter.ts';

const MAX_PARAM_LENGTH = 200;
/** In which a whole request must arrive; Fastify switches Node's own limit off. */
const REQUEST_MS = 60_000;
/** In which the headers of a request must arrive. */
const HEADERS_MS = 15_000;
/** How often Node looks for connections that exceeded these. */
const CHECK_MS = 5_000;

/** The application as it serves: parsers, hooks, filters and the API's description; not yet listening. */
export async function createApplication(configuration: Configuration, logger: Logger): Promise<NestFastifyApplication> {
  const { trustProxy } = configuration;
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // The request's id comes into every line through its context.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    genReqId: requestIdOf,
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CHECK_MS },
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // Idle keep-alive connections must not hold up a stop; what is in flight is finished.
    forceCloseConnections: 'idle',
    // People enter a webhook's address at the vendor with a slash at its end.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    frameworkErrors: sendProblem,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(configuration), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    // An error at the start is thrown, not printed and the process ended.
    abortOnError: false,
  });
  // Vendors and load balancers were given addresses that must not change with the API's version.
  app.setGlobalPrefix('api', { exclude: ['health/*path', 'webhooks/*path'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.register(fastifyCookie);
  rememberPaths(fastify);
  logRequests(fastify);
  const lifecycle = app.get(Lifecycle);
  guardByPhase(fastify, lifecycle);
  leaveBodiesUnread(fastify);
  supportIfNoneMatch(fastify);
  endConnectionsOnStop(fastify, lifecycle);
  await serveConsole(fastify);

  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('api/docs', app, () => (document ??= createDocument(app)), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'score-connections API',
  });
  return app;
}
