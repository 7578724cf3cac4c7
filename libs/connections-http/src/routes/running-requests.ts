import { RunningWork } from '@score-crm/connections';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { type ConnectionsHttpOptions, HTTP_OPTIONS } from '../options/connections-http.options.ts';
import { type HttpRequest, type HttpResponse, outgoingOf } from '../http/messages.ts';
import { NestRequestLog, type RequestLog } from '../http/request-log.ts';

/**
 * A stop waits for every request that has reached its handler. Servers wait only for connections, so a request whose
 * caller has disconnected would be interrupted without a line in the log.
 */
@Injectable()
export class RunningRequests implements NestInterceptor {
  private readonly log: RequestLog;

  constructor(
    private readonly work: RunningWork,
    @Inject(HTTP_OPTIONS) { requestLog = new NestRequestLog() }: ConnectionsHttpOptions,
  ) {
    this.log = requestLog;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const handled = lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.track(handled, http.getRequest<HttpRequest>(), http.getResponse<HttpResponse>()));
  }

  /** @returns the promise itself */
  track<T>(handled: Promise<T>, request: HttpRequest, response: HttpResponse): Promise<T> {
    const outgoing = outgoingOf(response);
    const logIfAbandoned = (outcome: 'succeeded' | 'failed') => (): void => {
      if (outgoing.destroyed && !outgoing.writableFinished) this.log.abandoned({ request, outcome });
    };
    handled.then(logIfAbandoned('succeeded'), logIfAbandoned('failed'));
    return this.work.track(handled);
  }
}
