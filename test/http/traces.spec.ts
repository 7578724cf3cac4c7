import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { EventConsumers } from '@score-crm/connections';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/databases.ts';
import { connectTo, send } from '../support/sending.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

/** A span that is kept in memory. */
class KeptSpan implements Span {
  readonly attributes: Attributes;
  readonly own: SpanContext;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  hasEnded = false;

  constructor(
    readonly name: string,
    readonly options: SpanOptions,
    readonly parent: SpanContext | undefined,
  ) {
    this.attributes = { ...options.attributes };
    const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
    this.own = { traceId, spanId: randomBytes(8).toString('hex'), traceFlags: TraceFlags.SAMPLED };
  }

  get links(): readonly string[] {
    return (this.options.links ?? []).map(({ context: linked }) => linked.spanId);
  }

  spanContext(): SpanContext {
    return this.own;
  }

  setAttribute(key: string, value: Attributes[string]): this {
    return this.setAttributes({ [key]: value });
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  end(): void {
    this.hasEnded = true;
  }

  isRecording(): boolean {
    return !this.hasEnded;
  }

  addEvent(): this {
    throw new Error('Events of spans may have texts of errors.');
  }

  recordException(): void {
    throw new Error('The message of an error may have an address.');
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  updateName(): this {
    return this;
  }
}

const SPANS: KeptSpan[] = [];

const TRACER: Tracer = {
  startSpan(name, options = {}, parent = context.active()) {
    const inherited = options.root === true ? undefined : trace.getSpanContext(parent);
    const span = new KeptSpan(name, options, inherited);
    SPANS.push(span);
    return span;
  },
  startActiveSpan(name: string, ...rest: unknown[]) {
    const work = rest.at(-1) as (span: Span) => unknown;
    const span = TRACER.startSpan(name, typeof rest[0] === 'object' ? (rest[0] as SpanOptions) : {});
    return context.with(trace.setSpan(context.active(), span), work, undefined, span) as never;
  },
};

/** As an SDK passes the context on. */
class Contexts implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.storage.run(active, () => work.apply(self, args));
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/** The part of the W3C propagator that the service needs. */
const PROPAGATOR: TextMapPropagator = {
  inject: () => undefined,
  extract(into, carrier, getter) {
    const header = getter.get(carrier, 'traceparent');
    const [, traceId = '', spanId = ''] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(String(header)) ?? [];
    if (traceId === '') return into;
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  },
  fields: () => ['traceparent'],
};

describe('traces', () => {
  let service: TestService;
  let mailServer: TestSmtpServer;

  beforeAll(async () => {
    trace.setGlobalTracerProvider({ getTracer: () => TRACER });
    context.setGlobalContextManager(new Contexts());
    propagation.setGlobalPropagator(PROPAGATOR);
    mailServer = await TestSmtpServer.start({ refuse: { recipients: { 'no@r.example': '550 5.1.1 No such user' } } });
    service = await TestService.start(await createDatabase('SQLite'));
    service.watch(mailServer.password);
  });

  afterAll(async () => {
    await service.stop();
    await mailServer.close();
    await service.database.drop();
    trace.disable();
    context.disable();
    propagation.disable();
  });

  function traceOf(traceId: string): KeptSpan[] {
    return SPANS.filter(({ own }) => own.traceId === traceId);
  }

  it('continues the trace of the caller from the request to the vendor, and links the commit', async () => {
    const traceId = randomBytes(16).toString('hex');
    const relay = await connectTo(service, mailServer);
    const sent = await service.call('POST', `${relay}/messages`, {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: { to: [{ email: 'ada@r.example' }], subject: 'Hello', text: 'Hello' },
    });
    expect(sent.status).toBe(202);
    const [request, message, vendorCall, ...others] = traceOf(traceId);
    expect(others).toEqual([]);
    expect([request, message, vendorCall].map((span) => span?.name)).toEqual([
      'POST /api/v1/connections/:id/messages',
      'message send',
      'vendor call',
    ]);
    expect(request?.parent?.spanId).toBe('00f067aa0ba902b7');
    expect(message?.parent?.spanId).toBe(request?.own.spanId);
    expect(vendorCall?.parent?.spanId).toBe(message?.own.spanId);
    expect(vendorCall?.attributes).toEqual({ 'score.vendor': 'smtp' });
    const commit = SPANS.find(
      ({ name, links }) => name === 'events commit' && links.includes(message?.own.spanId ?? ''),
    );
    expect(commit?.attributes).toEqual({ 'score.requests': 1, 'score.events': 1 });
    expect(commit?.own.traceId).not.toBe(traceId);

    const lines = service.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
    const line = lines.find((fields) => fields['traceId'] === traceId && fields['msg'] === 'request');
    expect(line).toMatchObject({ requestId: sent.headers.get('x-request-id'), status: 202 });
  });

  it('records webhooks and batches of consumers with verdicts and numbers', async () => {
    const received: string[] = [];
    service.app.get(EventConsumers, { strict: false }).add({
      name: 'subscriber:traced',
      type: 'subscriber',
      start: 'beginning',
      kinds: ['delivered'],
      batchSize: 10,
      handle: async (events) => void received.push(...events.map(({ id }) => id)),
    });
    const hook = await SendgridWebhook.create(service);
    SPANS.length = 0;
    expect((await hook.post([vendorEvent('delivered'), vendorEvent('open')])).status).toBe(200);
    expect((await hook.post([], { headers: { 'x-twilio-email-event-webhook-signature': 'AAAA' } })).status).toBe(401);
    const receipts = SPANS.filter(({ name }) => name === 'webhook receipt');
    expect(receipts.map(({ attributes, status }) => [attributes, status.code])).toEqual([
      [
        expect.objectContaining({
          'score.vendor': 'sendgrid',
          'score.verdict': 'accepted',
          'score.events': 2,
          'score.duplicates': 0,
        }),
        SpanStatusCode.UNSET,
      ],
      [expect.objectContaining({ 'score.verdict': expect.stringMatching(/invalid|malformed/) }), SpanStatusCode.ERROR],
    ]);
    while (received.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const batch = SPANS.find(({ attributes }) => attributes['score.consumer'] === 'subscriber:traced');
    expect(batch?.parent).toBeUndefined();
    expect(batch?.attributes).toEqual({
      'score.consumer_type': 'subscriber',
      'score.consumer': 'subscriber:traced',
      'score.events': 1,
    });
  });

  it('records the code of an error, and no address, id or secret anywhere', async () => {
    const relay = await connectTo(service, mailServer);
    expect((await send(service, relay, { to: [{ email: 'no@r.example' }], subject: 'A', text: 'B' })).status).toBe(422);
    const failed = SPANS.filter(({ name, status }) => name === 'vendor call' && status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(['recipient_rejected']);
    expect(SPANS.every(({ hasEnded }) => hasEnded)).toBe(true);
    const texts = JSON.stringify(SPANS.map(({ name, attributes, status }) => [name, attributes, status]));
    expect(texts).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}-|default/);
    expect(texts).not.toContain(mailServer.password);
  });
});
