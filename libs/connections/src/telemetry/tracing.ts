import { type Attributes, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Without an SDK in the process, it creates nothing. */
const tracer = trace.getTracer('@score-crm/connections');
const PLAIN_CODE = /^\w[\w.-]{0,63}$/;

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** Only of a closed set: vendors, kinds, verdicts, numbers. Never an address, an id of a tenant, or a secret. */
  readonly attributes?: Attributes;
  /** Of work that was not caused by one request. The requests are links. */
  readonly root?: boolean;
  readonly links?: readonly Link[];
}

/**
 * Runs work inside a span. An error is recorded as its code or class: its message may contain an address.
 * @throws the error of the work
 */
export async function inSpan<T>(
  name: string,
  { links, ...options }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const all = links === undefined ? options : { ...options, links: [...links] };
  return tracer.startActiveSpan(name, all, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setAttribute('error.type', errorType(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A link to the span that is active now; undefined if none is. */
export function linkToActiveSpan(): Link | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  return context === undefined ? undefined : { context };
}

function errorType(error: unknown): string {
  const { code, details, name } = (error ?? {}) as { code?: unknown; details?: { code?: unknown }; name?: unknown };
  const type = [code, details?.code, name].find((text) => typeof text === 'string' && PLAIN_CODE.test(text));
  return typeof type === 'string' ? type : 'unknown';
}

export { type Span, SpanKind };
