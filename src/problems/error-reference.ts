import { ADAPTER_ERROR_DESCRIPTIONS } from '@score-crm/adapter-kit';
import { type ErrorCode, VENDOR_STATUSES } from '@score-crm/connections';
import { FIELD_ERROR_DESCRIPTIONS } from '@score-crm/connections-http';
import { ERROR_CODES } from './error-codes.ts';

/** All error codes of the API, as Markdown. */
export function errorReference(): string {
  const codes: readonly (readonly [string, ErrorCode])[] = Object.entries(ERROR_CODES);
  const rows = codes
    .toSorted(
      ([a, { status: first }], [b, { status: second }]) => compare(lowest(first), lowest(second)) || compare(a, b),
    )
    .map(([code, entry]) => [statusOf(entry), `\`${code}\``, retryAfterOf(entry), entry.description]);
  return `# Error codes

Generated from the code tables by \`npm run errors\`. Do not edit.

Errors are returned as problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with the media type
\`application/problem+json\`:

\`\`\`json
{
  "type": "about:blank",
  "title": "Unprocessable Content",
  "status": 422,
  "code": "invalid_input",
  "detail": "The input is not valid. Each problem is listed in errors.",
  "errors": [{ "pointer": "/settings/port", "code": "out_of_range", "message": "Port must be a whole number from 1 to 65535." }],
  "requestId": "3f64de0a-e3c2-439b-ac9d-4827321033cc"
}
\`\`\`

- \`code\` is stable: use it, not the texts, in programs.
- \`detail\` says what happened and what to do.
- \`errors\` lists the problems of the request, each with a [field error code](#field-error-codes). \`pointer\` is a JSON pointer
  ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) into the body, or \`/\` and the name of a query parameter or header.
- \`error\` has the vendor's error, with a [vendor error code](#vendor-error-codes), if a call to a vendor failed.
- \`requestId\` identifies the request in the log.

## Response codes

An embedding application gets the codes that \`CONNECTIONS_ERROR_CODES\` of \`@score-crm/connections\` lists, and with \`ConnectionsHttpModule\` those of
\`HTTP_ERROR_CODES\` of \`@score-crm/connections-http\`; the others belong to the service.

${table(['Status', 'Code', '`Retry-After`', 'Meaning'], rows)}

The status of a vendor's error is 422 if the recipient, the sender or the settings are the cause (\`fault\`), 429 for
\`rate_limited\` and \`quota_exceeded\`, 504 for \`connection_timeout\` and \`timeout\`, 503 for any other error that is
\`retryable\`, and 502 for all others.

## Field error codes

In \`errors\`:

${table(['Code', 'Meaning'], named(FIELD_ERROR_DESCRIPTIONS))}

An adapter may report a [vendor error code](#vendor-error-codes) for a field, such as \`port_forbidden\`.

## Vendor error codes

In \`error\` of a response, in the \`diagnosis\` of a connection test, and in the \`rejected\` recipients of a message:

${table(['Code', 'Meaning'], named(ADAPTER_ERROR_DESCRIPTIONS))}
`;
}

function statusOf({ status }: ErrorCode): string {
  return status === 'vendor' ? VENDOR_STATUSES.join(', ') : String(status);
}

function lowest(status: ErrorCode['status']): number {
  return status === 'vendor' ? VENDOR_STATUSES[0] : status;
}

function retryAfterOf({ status, retryAfterS }: ErrorCode): string {
  if (status === 'vendor') return 'if the vendor reports it';
  return retryAfterS === undefined ? '' : 'yes';
}

function named(descriptions: Readonly<Record<string, string>>): string[][] {
  return Object.entries(descriptions).map(([code, description]) => [`\`${code}\``, description]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}
