import fastifyCookie from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type FastifyBaseLogger, LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.ts';
import { acceptUnreadBodies } from './bodies/unread-bodies.ts';
import type { Configuration } from './config/configuration.ts';
import { serveConsole } from './console/serve-console.ts';
import { endConnectionsOnStop } from './lifecycle/end-connections-on-stop.ts';
import { guardByPhase } from './lifecycle/gate.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { NestLogger } from './logging/nest-logger.ts';
import { logRequests, requestIdOf } from './logging/request-log.ts';
import { leaveMessagesUnread } from './messages/message-bodies.ts';
import { createDocument } from './openapi/document.ts';
import { sendProblem } from './problems/problem.filter.ts';
import { admitWebhooks } from './webhooks/admit-webhooks.ts';

const BODY_LIMIT = 1 << 20;
const MAX_PARAM_LENGTH = 200;
/** Within which a request must have come in, body and all; Node looks every 30 s. Fastify switches Node's own limit off. */
const REQUEST_MS = 60_000;

/** The application as it serves: parsers, hooks, filters and the API's description; not yet listening. */
export async function createApplication(configuration: Configuration, logger: Logger): Promise<NestFastifyApplication> {
  const { trustProxy } = configuration;
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // The request's id comes into every line through its context.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    genReqId: requestIdOf,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // Idle keep-alive connections must not hold up a stop; what is in flight is finished.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: sendProblem,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(configuration), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    // An error at the start is thrown, not printed and the process ended.
    abortOnError: false,
  });
  const fastify = app.getHttpAdapter().getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  await fastify.register(fastifyCookie);
  logRequests(fastify);
  const lifecycle = app.get(Lifecycle);
  guardByPhase(fastify, lifecycle);
  acceptUnreadBodies(fastify);
  leaveMessagesUnread(fastify);
  admitWebhooks(app, fastify);
  endConnectionsOnStop(fastify, lifecycle);
  await serveConsole(fastify);

  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('api/docs', app, () => (document ??= createDocument(app)), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'score-connections API',
  });
  return app;
}
