import { type ConnectionsError, safeMessage } from '@score-crm/connections';
import { Logger } from '@nestjs/common';
import type { HttpRequest } from './messages.ts';

/** A request that failed because of the application, its database or a vendor. */
export interface FailedRequest {
  readonly request: HttpRequest;
  readonly requestId: string;
  readonly code: string;
  /** The original error. It may quote values and statements: log `safeMessage(error)`. */
  readonly error: unknown;
}

/** A request that ended after its caller had disconnected. */
export interface AbandonedRequest {
  readonly request: HttpRequest;
  readonly outcome: 'succeeded' | 'failed';
}

/** Where the API logs. Neither method gets the body of a request. */
export interface RequestLog {
  failed(request: FailedRequest): void;
  abandoned(request: AbandonedRequest): void;
}

/** Writes to Nest's logger. */
export class NestRequestLog implements RequestLog {
  private readonly logger = new Logger('ConnectionsHttp');

  failed({ requestId, code, error }: FailedRequest): void {
    const { cause } = (error ?? {}) as Partial<ConnectionsError>;
    const reason = cause === undefined ? '' : ` Cause: ${safeMessage(cause)}`;
    this.logger.error(`Request ${requestId} failed: ${code}. ${safeMessage(error)}${reason}`);
  }

  abandoned({ request: { method }, outcome }: AbandonedRequest): void {
    this.logger.log(`A ${method} request ended after its caller disconnected: it ${outcome}.`);
  }
}
