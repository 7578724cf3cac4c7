/** The version of the API, not of the package. */
export const API_VERSION = '1.0';

/** The first thing that a reader of the API documentation sees, in Markdown. */
export const API_DESCRIPTION = `The email connections of Score CRM. A **connection** is a named account at an email vendor, with encrypted credentials. Use this API to create and test connections, send messages through them and read their delivery events.

**Authentication.** Send an API key or a JWT in the \`Authorization: Bearer …\` header. The token determines your organization and your scope: \`read\`, \`send\` (includes \`read\`) or \`manage\` (includes both). Resources of other organizations return 404.

**Errors.** Every error is a problem detail (RFC 9457) with the media type \`application/problem+json\`. Decide by its \`code\`, which is stable; \`detail\` is for people. If the input is not valid, \`errors\` lists every problem with a JSON pointer. If a vendor caused the error, \`error\` has the details. Unknown paths return 404, and unsupported methods return 405 with an \`Allow\` header.

**Pagination.** Lists are sorted newest first. Pass \`nextCursor\` of a page as \`cursor\` to fetch the next one.

**Concurrent updates.** A connection has an \`ETag\`. Send it as \`If-Match\` when you update or delete the connection; the request fails with 412 if the connection has changed since.

**Rate limits.** The \`RateLimit\` and \`RateLimit-Policy\` headers report your limits. A request that exceeds one fails with 429 and a \`Retry-After\` header.

Clients must ignore unknown fields: new ones may be added without a new version of the API.`;

/** The tags, in the order in which the documentation shows them. */
export const API_TAGS = [
  ['Connections', 'Create, read, update and delete connections.'],
  ['Tests', 'Test connections, stored or not: each stage from connecting to sending a test message.'],
  ['Messages', 'Send messages through a connection.'],
  ['Events', 'Delivery events of the messages that were sent through a connection.'],
  ['Webhooks', 'How vendors report events: the webhook of a connection, and the endpoint that vendors call.'],
  ['Usages', 'Campaigns and journeys that use a connection. Connections in use cannot be deleted.'],
  ['Vendors', 'The supported vendors with their settings fields, presets and capabilities.'],
  ['API keys', 'The API keys of your organization.'],
  ['Session', 'Sign-in of the console.'],
  ['Health', 'Health checks for load balancers and orchestrators.'],
] as const;
