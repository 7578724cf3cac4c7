import type { Socket } from 'node:net';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import fastifyCookie from '@fastify/cookie';
import { isStreaming, OpenStreams } from '@score-crm/connections-http';
import type { Logger as PinoLogger } from 'pino';
import { AppModule } from './app.module.ts';
import { leaveBodiesUnread } from './bodies/unread-bodies.ts';
import type { Configuration } from './config/configuration.ts';
import { serveConsole } from './console/serve-console.ts';
import { endConnectionsOnStop, guardByPhase, Lifecycle, serveWebhooksDirectly } from './lifecycle/lifecycle.ts';
import { NestLogger } from './logging/nest-logger.ts';
import { logRequests, requestLogging } from './logging/logger.ts';
import { MetricsServer } from './metrics/metrics-server.ts';
import { measureRequests } from './metrics/metrics.module.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { createDocument } from './openapi/document.ts';
import { traceRequests } from './tracing/trace-requests.ts';
import { rememberPaths, sendProblem } from './problems/problem.filter.ts';
import { SchemaMigration } from './database/migrate.ts';

/** Of one ID in a path, in characters: the IDs of messages have up to 255. */
const MAX_PARAM_LENGTH = 300;
/** The time in which a whole request must arrive. Fastify disables Node's own limit. */
const REQUEST_MS = 60_000;
/** The time in which the headers of a request must arrive. */
const HEADERS_MS = 15_000;
/** How often Node closes connections that exceeded these limits. */
const CHECK_MS = 5_000;

const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** What Node could not read as a request, or not in time. A streamed body has a time limit of its own. */
function answerClientError(error: Error & { readonly code: string }, socket: Socket): void {
  const isTimeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (error.code === 'ECONNRESET' || socket.destroyed || (isTimeout && isStreaming(socket))) return;
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${CLIENT_ERRORS[error.code] ?? '400 Bad Request'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  }
  socket.destroy(error);
}

/** Creates the application with its parsers, hooks, filters and API docs. It does not listen yet. */
export async function createApplication(
  configuration: Configuration,
  logger: PinoLogger,
): Promise<NestFastifyApplication> {
  const { trustProxy } = configuration;
  const adapter = new FastifyAdapter({
    ...requestLogging(logger),
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CHECK_MS },
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // Idle keep-alive connections must not delay a stop. Requests in flight are completed.
    forceCloseConnections: 'idle',
    // Users often enter a webhook URL at the vendor with a trailing slash.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    frameworkErrors: sendProblem,
    clientErrorHandler: answerClientError,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(configuration), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    // Nest would end the process after an error instead of throwing it.
    abortOnError: false,
  });
  // Vendors and load balancers use these URLs, so they do not change with the version of the API.
  app.setGlobalPrefix('api', { exclude: ['health/*path', 'webhooks/*path', 'metrics'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.register(fastifyCookie);
  rememberPaths(fastify);
  traceRequests(fastify);
  logRequests(fastify, configuration.production);
  if (configuration.metrics !== undefined) measureRequests(fastify, app.get(ServiceMetrics, { strict: false }));
  const lifecycle = app.get(Lifecycle);
  const streams = app.get(OpenStreams, { strict: false });
  lifecycle.stopping.addEventListener('abort', () => streams.endAll(), { once: true });
  guardByPhase(fastify, lifecycle);
  leaveBodiesUnread(fastify);
  serveWebhooksDirectly(fastify, app);
  endConnectionsOnStop(fastify, lifecycle);
  await serveConsole(fastify, MAX_PARAM_LENGTH);

  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('api/docs', app, () => (document ??= createDocument(app)), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'score-connections API',
  });
  return app;
}

/** Listens, runs pending migrations behind the closed gate, then opens the gate. */
export async function start(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  await app.listen(configuration.port, configuration.host);
  if (configuration.metrics?.port !== undefined) await app.get(MetricsServer, { strict: false }).listen();
  await app.get(SchemaMigration).run();
  new Logger('Service').log('The service is ready.');
}
