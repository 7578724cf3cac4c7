import { ConnectionsModule } from '@score-crm/connections';
import { type DynamicModule, Module } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { AuthModule } from '../auth/auth.module.ts';
import type { Configuration } from '../config/configuration.ts';
import { MetricsController } from './metrics.controller.ts';
import { MetricsServer } from './metrics-server.ts';
import { Scraper } from './scraper.ts';
import { ServiceMetrics } from './service-metrics.ts';

/** Counts. Global, because the options of the connections module need it, and `MetricsModule` needs that module. */
@Module({ providers: [ServiceMetrics], exports: [ServiceMetrics] })
class CountersModule {}

/** Prometheus metrics, if a port or a token for them is configured. */
@Module({})
export class MetricsModule {
  static forRoot({ metrics }: Configuration): DynamicModule {
    if (metrics === undefined) return { module: MetricsModule };
    const hasOwnPort = metrics.port !== undefined;
    return {
      module: MetricsModule,
      imports: [AuthModule, ConnectionsModule, { module: CountersModule, global: true }],
      controllers: hasOwnPort ? [] : [MetricsController],
      providers: [Scraper, ...(hasOwnPort ? [MetricsServer] : [])],
    };
  }
}

/** Counts every request by the pattern of its route. */
export function measureRequests(fastify: FastifyInstance, metrics: ServiceMetrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    metrics.requestEnded(route, request.method, reply.statusCode, reply.elapsedTime);
    done();
  });
}
