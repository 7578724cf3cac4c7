import type { Readable } from 'node:stream';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { BodyBudget } from './body-budget.ts';
import { BodyTooLargeError } from './body-too-large.error.ts';
import { parseJson } from './parse-json.ts';
import { type BodyRoom, readBody } from './read-body.ts';
import type { JsonBodyLimits } from './route-body.decorator.ts';
import { UnauthenticatedBodies } from './unauthenticated-bodies.ts';

const DEFAULT_LIMITS: JsonBodyLimits = { bytes: 1 << 20, milliseconds: 10_000 };

/** For all JSON bodies that are being read or processed. One organization may use a quarter, enough for one message. */
const API_BYTES = 128 << 20;
const API_BYTES_PER_ORGANIZATION = 32 << 20;

/** Reads the JSON body of a request once the guards have accepted it: the sender's organization determines which budget it uses. */
@Injectable()
export class JsonBodies implements NestInterceptor {
  private readonly budget = new BodyBudget({ bytes: API_BYTES, bytesEach: API_BYTES_PER_ORGANIZATION });

  constructor(private readonly unauthenticated: UnauthenticatedBodies) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { rawBody, jsonBody } = request.routeOptions.config;
    if (request.unreadBody !== undefined && rawBody !== true) {
      request.body = await this.read(request, request.unreadBody, http.getResponse<FastifyReply>(), jsonBody);
    }
    return next.handle();
  }

  /** @returns undefined for an empty body: clients declare JSON for requests without a body too */
  private async read(
    request: FastifyRequest,
    body: Readable,
    reply: FastifyReply,
    { bytes, milliseconds }: JsonBodyLimits = DEFAULT_LIMITS,
  ): Promise<unknown> {
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
    const incoming = { body, response: reply.raw, limit: bytes, deadlineMs: milliseconds };
    const whole = await readBody(incoming, (refuse) => this.roomFor(request, refuse));
    return whole.length === 0 ? undefined : parseJson(whole);
  }

  private roomFor({ principal, ip }: FastifyRequest, refuse: (error: Error) => void): BodyRoom {
    return principal === undefined ? this.unauthenticated.open(ip, refuse) : this.budget.open(principal.organization);
  }
}
