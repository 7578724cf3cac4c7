import { RunningWork } from '@score-crm/connections';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';

/**
 * A stop waits for every request that has reached its handler. Fastify waits only for connections, so a request whose
 * caller has disconnected would be interrupted without a line in the log.
 */
@Injectable()
export class RunningRequestsInterceptor implements NestInterceptor {
  constructor(private readonly work: RunningWork) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const handled = this.work.track(lastValueFrom(next.handle(), { defaultValue: undefined }));
    const logIfAbandoned = (outcome: 'succeeded' | 'failed') => (): void => {
      if (!reply.raw.destroyed || reply.raw.writableFinished) return;
      const { id: requestId, method, routeOptions } = request;
      request.log.info(
        { requestId, method, route: routeOptions.url, outcome },
        'request ended after its caller disconnected',
      );
    };
    handled.then(logIfAbandoned('succeeded'), logIfAbandoned('failed'));
    return from(handled);
  }
}
