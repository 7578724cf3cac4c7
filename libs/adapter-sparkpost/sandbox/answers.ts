import { jsonAnswer, type PostOutcome, type SandboxAnswer, type Schema } from '@score-crm/adapter-kit/sandbox';

export interface VendorError {
  readonly message: string;
  readonly description?: string;
  readonly code?: string | number;
}

/** The documented responses. https://developers.sparkpost.com/api/#header-errors */
export const answers = {
  results: (results: unknown): SandboxAnswer => jsonAnswer(200, { results }),
  deleted: { status: 204 },
  /** @param faults one for each rejected recipient; the response is a success anyway */
  transmission: (id: string, accepted: number, faults: readonly VendorError[] = []): SandboxAnswer => {
    const counts = { total_rejected_recipients: faults.length, total_accepted_recipients: accepted, id };
    if (faults.length === 0) return jsonAnswer(200, { results: counts });
    const errors = [{ message: 'transmission created, but with validation errors', code: '2000' }];
    return jsonAnswer(200, { errors, results: { rcpt_to_errors: faults, ...counts } });
  },
  badJson: errors(400, [{ message: 'Request body parsing failed', code: '1300' }]),
  noRecipients: errors(400, [{ message: 'At least one valid recipient is required', code: '5002' }]),
  unverifiedSender: errors(400, [
    { message: 'Invalid domain', description: 'Unconfigured or unverified sending domain.', code: '7001' },
  ]),
  blockedSender: errors(400, [{ message: 'Restricted domain', code: '7000' }]),
  generationRejected: errors(400, [{ message: 'Message generation rejected', code: '1902' }]),
  busy: errors(400, [{ message: 'Server resources unavailable', code: '1502' }]),
  unauthorized: errors(401, [{ message: 'Unauthorized.' }]),
  forbidden: errors(403, [{ message: 'Forbidden.' }]),
  notFound: errors(404, [{ message: 'resource not found', code: '1600' }]),
  wrongMethod: errors(405, [{ message: 'invalid HTTP method', code: '1102' }]),
  tooLarge: errors(413, [{ message: 'request entity too large' }]),
  wrongType: errors(415, [{ message: 'Unsupported Content-Type header', code: '1700' }]),
  hourlyLimit: errors(420, [{ message: 'Exceed Sending Limit (hourly)', code: '2101' }]),
  dailyLimit: errors(420, [{ message: 'Exceed Sending Limit (daily)', code: '2102' }]),
  testLimit: errors(420, [{ message: 'Exceed Sending Limit (sandbox)', code: '2103' }]),
  monthlyLimit: errors(420, [{ message: 'Exceed Sending Limit (monthly)', code: '2105' }]),
  invalid: (faults: readonly VendorError[]): SandboxAnswer => errors(422, faults),
  tooManyRequests: errors(429, [{ message: 'Too many requests' }]),
  serverError: errors(500, [{ message: 'Failed to update database', code: '1500' }]),
  unavailable: errors(503, [{ message: 'Message generation module not available', code: '1900' }]),
  /** @param outcome undefined if the target did not respond */
  targetFailed: (outcome: PostOutcome | undefined): SandboxAnswer =>
    jsonAnswer(400, {
      errors: [
        {
          code: 400,
          message: 'POST to webhook target URL failed',
          ...(outcome === undefined ? {} : { response: outcome }),
        },
      ],
    }),
  notJson: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>502 Bad Gateway</h1></html>' },
  /** Of a host that is not the vendor’s. */
  signInPage: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
  redirect: (location: string): SandboxAnswer => ({ status: 302, headers: { location } }),
} as const;

function errors(status: number, faults: readonly VendorError[]): SandboxAnswer {
  return jsonAnswer(status, { errors: faults });
}

/** The faults of a body in the vendor's form; `description` starts with the member's path in dot notation. */
export function schemaErrors(schema: Schema, json: unknown): readonly VendorError[] {
  return schema(json, '').map(({ field, message }) => {
    const isMissing = message.includes('is required');
    return {
      message: isMissing ? 'required field is missing' : 'invalid data format/type',
      description: `${field}: ${message}`,
      code: isMissing ? '1400' : '1300',
    };
  });
}

/** Returns the parsed body, or undefined if it is not JSON. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
