import { context, type Context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Without an SDK in the process, it creates nothing. */
const tracer = trace.getTracer('score-connections');

declare module 'fastify' {
  interface FastifyRequest {
    /** `isOwn`: the span was begun here, and ends with the request. */
    trace?: { readonly span: Span; readonly context: Context; readonly isOwn: boolean };
  }
}

/** The fields of a log line within a span. */
export function traceFields(): { readonly traceId?: string } {
  return fieldsOf(trace.getActiveSpan());
}

/** The fields of a log line about a request. */
export function traceFieldsOf(request: FastifyRequest): { readonly traceId?: string } {
  return fieldsOf(request.trace?.span);
}

function fieldsOf(span: Span | undefined): { readonly traceId?: string } {
  const traceId = span?.spanContext().traceId;
  return traceId === undefined ? {} : { traceId };
}

/**
 * A span for each request, named by the pattern of its route, as part of the trace that its caller names (`traceparent`). If an
 * instrumentation has begun a span for the request already, that one is used.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const existing = trace.getActiveSpan();
    if (existing !== undefined) {
      request.trace = { span: existing, context: context.active(), isOwn: false };
      done();
      return;
    }
    const parent = propagation.extract(context.active(), request.headers);
    const route = routeOf(request);
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
    if (!trace.isSpanContextValid(span.spanContext())) {
      done();
      return;
    }
    request.trace = { span, context: trace.setSpan(parent, span), isOwn: true };
    context.with(request.trace.context, done);
  });
  // The events of the body do not run in the context of the request, so it is entered again after them.
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.trace === undefined) done();
    else context.with(request.trace.context, done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.trace?.isOwn === true) {
      const { span } = request.trace;
      span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    done();
  });
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
}
