import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { safeMessage } from './safe-message.ts';
import { ConnectionsError } from './connections.error.ts';
import { PROBLEM_MEDIA_TYPE, toProblem } from './problem.ts';

/**
 * Answers the module's errors as problem details (RFC 9457), on Express and on Fastify. All other errors are left to the
 * application's own filters. Register it as `{ provide: APP_FILTER, useClass: ConnectionsExceptionFilter }`.
 */
@Catch(ConnectionsError)
export class ConnectionsExceptionFilter implements ExceptionFilter<ConnectionsError> {
  private readonly logger = new Logger('Connections');

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: ConnectionsError, host: ArgumentsHost): void {
    // GraphQL, RPC and WebSockets have forms of their own for errors.
    if (host.getType() !== 'http') throw error;
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const { body, headers, isLogged } = toProblem(error);
    const { id } = http.getRequest<{ readonly id?: unknown }>();
    const requestId = typeof id === 'string' ? id : undefined;
    if (isLogged) this.logger.error(describe(error, requestId));

    const response: unknown = http.getResponse();
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.setHeader(response, 'content-type', PROBLEM_MEDIA_TYPE);
    // As text: Express would send an object as application/json.
    httpAdapter.reply(
      response,
      JSON.stringify({ ...body, ...(requestId === undefined ? {} : { requestId }) }),
      body.status,
    );
  }
}

function describe({ code, message, cause }: ConnectionsError, requestId: string | undefined): string {
  const request = requestId === undefined ? '' : ` (request ${requestId})`;
  return `${code}${request}: ${message}${cause === undefined ? '' : ` Cause: ${safeMessage(cause)}`}`;
}
