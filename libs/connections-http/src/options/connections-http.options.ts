import type { ErrorCode, SamplePost } from '@score-crm/connections';
import { ConfigurableModuleBuilder, type ExecutionContext } from '@nestjs/common';
import type { ApiCaller, RequestCaller } from '../callers/caller.ts';
import type { RequestLog } from '../http/request-log.ts';

/** Authenticates requests. An application implements it with its own users, sessions or tokens. */
export interface CallerResolver {
  /**
   * Called for each request to a route of the API, after the application's own guards and before the body is read.
   * @returns the sender; undefined if the request has no valid credentials, which the API answers with 401. Errors that are
   *   thrown, such as an `UnauthorizedException`, become the response.
   */
  resolve(context: ExecutionContext): RequestCaller | undefined | Promise<RequestCaller | undefined>;
}

/** Limits how many requests a caller can make. */
export interface RequestLimits {
  /**
   * Called for each request that was authenticated.
   * @param isConnectionTest whether the request contacts a host that a user chose
   * @throws an error for the response if the request exceeds a limit
   */
  count(caller: ApiCaller, context: ExecutionContext, isConnectionTest: boolean): Promise<void>;
}

/** The options of `ConnectionsHttpModule.forRoot` and `forRootAsync`. */
export interface ConnectionsHttpOptions {
  /** Who sends a request, and what they may do. Without it, every request is answered with 401. */
  readonly callers: CallerResolver;
  /** By default, requests are not limited. */
  readonly limits?: RequestLimits;
  /** The organization whose managers also manage the consumers of the feed, which concern all organizations; by default none. */
  readonly operatorOrganization?: string;
  /**
   * Posts sample events to the application's own webhook route, for `POST …/webhook/sample`. By default they reach the module
   * directly, and the response says that the route was not exercised.
   */
  readonly postSample?: SamplePost;
  /** Error codes of the application, for its own errors that derive from `ApiError`. */
  readonly errorCodes?: Readonly<Record<string, ErrorCode>>;
  /** Receives what is logged about requests; by default Nest's logger. */
  readonly requestLog?: RequestLog;
}

export const {
  ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: HTTP_OPTIONS,
  OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ConnectionsHttpOptions>({ moduleName: 'ConnectionsHttp' })
  .setClassMethodName('forRoot')
  .build();
