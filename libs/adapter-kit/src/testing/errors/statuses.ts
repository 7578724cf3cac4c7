import assert from 'node:assert/strict';
import type { Context } from '../bench/context.ts';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { AdapterErrorCode } from '../../errors/adapter-error.ts';
import { plainMessage, TARGET, validSettings, withSandbox, withServer } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import { promptErrorOf } from '../bench/failure.ts';
import { httpServer } from '../bench/loopback-server.ts';

interface ErrorBody {
  readonly body: string;
  readonly what: string;
}

/** Bodies that an error may have: the vendor's own, and those of a gateway in between. */
export function errorBodies({ subject }: Context, words: string, status: number): readonly ErrorBody[] {
  const own = subject.errorBody?.(words, status);
  return [
    ...(own === undefined ? [] : [{ body: own, what: 'the vendor’s body' }]),
    { body: JSON.stringify(everyForm(words)), what: 'JSON' },
    { body: `<html><body><h1>${words}</h1></body></html>`, what: 'HTML' },
    { body: JSON.stringify({ errors: [null, 7, { message: 7 }, words] }), what: 'JSON of another shape' },
    { body: '{"errors":{"a":[]},"error":null,"message":{},"data":[]}', what: 'JSON of a third shape' },
    { body: 'null', what: 'null' },
    { body: '', what: 'no body' },
  ];
}

/** The text at every place where an API may have it. */
function everyForm(words: string): object {
  const one = { message: words, description: words, detail: words, title: words, code: '1000' };
  return { ...one, error: words, errors: [one], data: { message: words, errors: { field: words } } };
}

interface Expected {
  readonly retryable: boolean;
  /** The accepted codes. If omitted, any code is accepted. */
  readonly codes?: readonly AdapterErrorCode[];
  /** Sent with the response, and the expected effect. */
  readonly retryAfter?: { readonly header: string; readonly ms: number };
}

const UNAVAILABLE: Expected = { retryable: true, codes: ['temporarily_unavailable'] };

const STATUSES: ReadonlyMap<number, Expected> = new Map([
  [400, { retryable: false }],
  [401, { retryable: false, codes: ['authentication_failed'] }],
  [403, { retryable: false, codes: ['permission_denied'] }],
  [404, { retryable: false }],
  [413, { retryable: false, codes: ['message_too_large'] }],
  [422, { retryable: false }],
  [429, { retryable: true, codes: ['rate_limited'], retryAfter: { header: '7', ms: 7_000 } }],
  [500, UNAVAILABLE],
  [502, UNAVAILABLE],
  [503, { ...UNAVAILABLE, retryAfter: { header: '120', ms: 120_000 } }],
  [504, UNAVAILABLE],
]);

/** Statuses that mean the same for a registration. Others may report whether an entry exists. */
const OF_REGISTRATION = [401, 403, 429, 500, 503];

export function statusesChecks(context: Context): readonly ConformanceCheck[] {
  const registration = context.webhook?.registration;
  return [
    ...[...STATUSES].map(([status, expected]) =>
      check('error-statuses', `maps status ${String(status)}`, () =>
        isMapped(context, status, expected, (adapter, settings) => adapter.send(plainMessage(), settings)),
      ),
    ),
    ...(registration === undefined
      ? []
      : OF_REGISTRATION.map((status) =>
          check('error-statuses', `maps status ${String(status)} of a registration`, () =>
            isMapped(context, status, STATUSES.get(status) ?? UNAVAILABLE, statusOfWebhook),
          ),
        )),
  ];
}

async function statusOfWebhook({ webhooks }: EmailAdapter, settings: object): Promise<unknown> {
  return webhooks?.registration?.status(TARGET, settings);
}

async function isMapped(
  context: Context,
  status: number,
  { retryable, codes, retryAfter }: Expected,
  call: (adapter: EmailAdapter, settings: object) => Promise<unknown>,
): Promise<void> {
  const settings = await withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter.header };
  for (const { body, what } of errorBodies(context, 'This is not possible.', status)) {
    const server = httpServer((_request, response) => void response.writeHead(status, headers).end(body));
    const { details } = await withServer(context, server, (adapter) =>
      promptErrorOf(call(adapter, settings), `${String(status)} with ${what}`),
    );
    const where = `${String(status)} with ${what}, which is ${details.code},`;
    assert(codes?.includes(details.code) ?? true, `${where} must be ${codes?.join(' or ') ?? ''}.`);
    assert.equal(details.retryable, retryable, `${where} must ${retryable ? '' : 'not '}be retryable.`);
    assert.equal(details.status, status, `${where} must include the status.`);
    if (retryAfter === undefined) continue;
    assert.equal(details.retryAfterMs, retryAfter.ms, `${where} must have the waiting time of Retry-After.`);
  }
}
