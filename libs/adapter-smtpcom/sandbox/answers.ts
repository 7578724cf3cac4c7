import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';

/** The responses of the API. https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml` */
export const answers = {
  success: (data?: object): SandboxAnswer =>
    jsonAnswer(200, { status: 'success', ...(data === undefined ? {} : { data }) }),
  invalid: (errors: Readonly<Record<string, unknown>>): SandboxAnswer => fail(400, { errors }),
  /** A rejection as clients in production parse it, without `errors`. */
  invalidFlat: (fields: Readonly<Record<string, unknown>>): SandboxAnswer => fail(400, fields),
  wrongKey: fail(401, { api_key: 'invalid' }),
  // No example of these is published.
  forbidden: fail(403, { api_key: 'not allowed' }),
  notFound: fail(404, { path: 'not found' }),
  rateLimited: jsonAnswer(429, { status: 'error', message: 'too many requests' }, { 'retry-after': '30' }),
  serverError: jsonAnswer(500, { status: 'error', message: 'internal error' }),
  notJson: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>502 Bad Gateway</h1></html>' },
} as const;

function fail(status: number, data: Readonly<Record<string, unknown>>): SandboxAnswer {
  return jsonAnswer(status, { status: 'fail', data });
}
