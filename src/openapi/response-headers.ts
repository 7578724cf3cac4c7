/** The headers of responses, by name: `components/headers`. */
export const RESPONSE_HEADERS = {
  'X-Request-Id': {
    description:
      'The ID of the request, which the service also writes to its log. The service uses yours if you send one.',
    schema: { type: 'string' },
  },
  ETag: {
    description:
      'The version of the resource and a digest of the response. Send it as `If-Match` when you update or delete the resource, which compares only the version, or as `If-None-Match` when you fetch it again.',
    schema: { type: 'string' },
    example: '"3.mV9kq0Z1xT7bYc2R"',
  },
  Location: { description: 'The path of the new resource.', schema: { type: 'string' } },
  'Retry-After': { description: 'How many seconds to wait before the next attempt.', schema: { type: 'integer' } },
  'Idempotency-Replayed': {
    description: '`true` if this is the response to an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string' },
    example: 'true',
  },
  RateLimit: {
    description: 'For each limit: the remaining requests (`r`) and the seconds until the limit resets (`t`).',
    schema: { type: 'string' },
    example: '"default";r=999;t=7',
  },
  'RateLimit-Policy': {
    description: 'For each limit: the number of requests (`q`) that are allowed in a window of `w` seconds.',
    schema: { type: 'string' },
    example: '"default";q=1000;w=10',
  },
  Allow: {
    description: 'The methods that the path supports.',
    schema: { type: 'string' },
    example: 'GET, PATCH, DELETE',
  },
  'Set-Cookie': { description: 'Sets or clears the session cookie.', schema: { type: 'string' } },
  'WWW-Authenticate': {
    description: 'The authentication scheme.',
    schema: { type: 'string' },
    example: 'Bearer error="invalid_token"',
  },
} as const;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** References to these headers, for the `headers` of a response. */
export function headerReferences(names: readonly ResponseHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
