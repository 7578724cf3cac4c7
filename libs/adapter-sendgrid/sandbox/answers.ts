import { jsonAnswer, type SandboxAnswer, type SandboxWebhook, type Schema } from '@score-crm/adapter-kit/sandbox';

interface Fault {
  readonly message: string;
  readonly field?: string | null;
  readonly help?: string | null;
}

const UNVERIFIED =
  'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements';

/**
 * The documented responses.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json`
 */
export const answers = {
  invalid: (faults: readonly Fault[]): SandboxAnswer => errors(400, faults),
  noKey: errors(401, [{ message: 'authorization required', field: null, help: null }]),
  wrongKey: errors(401, [
    { message: 'The provided authorization grant is invalid, expired, or revoked', field: null, help: null },
  ]),
  noCredits: errors(401, [{ message: 'Maximum credits exceeded', field: null, help: null }]),
  noScope: errors(403, [{ message: 'access forbidden', field: null, help: null }]),
  unverifiedSender: errors(403, [{ message: UNVERIFIED, field: 'from', help: null }]),
  invalidId: errors(404, [{ message: 'Invalid id provided.' }]),
  duplicateWebhook: ({ id, url }: SandboxWebhook): SandboxAnswer =>
    jsonAnswer(400, {
      errors: [{ id, message: `Webhook at '${url}' already exists. Please provide a unique URL.`, url }],
    }),
  tooManyWebhooks: errors(400, [
    { message: 'You have reached the maximum number of webhooks per your current billing plan.' },
  ]),
  notFound: errors(404, [{ message: 'not found', field: null }]),
  wrongMethod: errors(405, [{ message: 'method not allowed', field: null }]),
  // Here the vendor sends the text "null".
  tooLarge: errors(413, [{ message: 'content too large', field: 'null' }]),
  rateLimited: (reset: Date): SandboxAnswer => ({
    ...(errors(429, [{ field: null, message: 'too many requests' }]) as object),
    status: 429,
    headers: {
      'X-RateLimit-Limit': '600',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(Math.ceil(reset.getTime() / 1000)),
    },
  }),
  serverError: errors(500, [{ message: 'internal server error' }]),
  unavailable: errors(503, [{ message: 'service unavailable' }]),
  notJson: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>502 Bad Gateway</h1></html>' },
  redirect: (location: string): SandboxAnswer => ({ status: 302, headers: { location } }),
} as const;

function errors(status: number, faults: readonly Fault[]): SandboxAnswer {
  return jsonAnswer(status, { errors: faults });
}

export type ReadBody<T> = { readonly json: T } | { readonly refusal: SandboxAnswer };

/** Returns the body in its documented form, or the rejection of any other. */
export function readBody<T>(body: Buffer, schema: Schema, help?: string): ReadBody<T> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return { refusal: answers.invalid([{ message: 'Bad Request', field: null, help: null }]) };
  }
  const faults = schema(json, '');
  if (faults.length === 0) return { json: json as T };
  return { refusal: answers.invalid(faults.map((fault) => ({ ...fault, ...(help === undefined ? {} : { help }) }))) };
}
