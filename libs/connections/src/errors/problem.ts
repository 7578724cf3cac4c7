import { STATUS_CODES } from 'node:http';
import type { AdapterErrorCode, AdapterErrorDetails, Fault, FieldError } from '@score-crm/adapter-kit';
import type { BlockingUsage, ConnectionsError } from './connections.error.ts';
import { CONNECTIONS_ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** Problem details (RFC 9457), extended by a stable `code`. */
export interface ProblemDetails {
  readonly type: 'about:blank';
  /** The name of the status. */
  readonly title: string;
  readonly status: number;
  readonly code: string;
  /** What happened and what to do. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** The vendor's error. */
  readonly error?: AdapterErrorDetails;
  /** Usages that prevent the operation. */
  readonly usages?: readonly BlockingUsage[];
}

/** An error as an HTTP response. */
export interface ProblemResponse {
  readonly body: ProblemDetails;
  /** Lower-case names; without `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the application should log the error with its cause. */
  readonly isLogged: boolean;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * The response to an error.
 * @param codes the table of the error's code, if the application has codes of its own
 */
export function toProblem<Code extends string>(
  error: ConnectionsError<Code>,
  codes: Readonly<Record<Code, ErrorCode>>,
): ProblemResponse;
export function toProblem(error: ConnectionsError): ProblemResponse;
export function toProblem(
  error: ConnectionsError<string>,
  codes: Readonly<Record<string, ErrorCode>> = CONNECTIONS_ERROR_CODES,
): ProblemResponse {
  const entry = codes[error.code];
  if (entry === undefined) throw new TypeError(`The error code ${error.code} is not in the table.`, { cause: error });
  const { errors, details, usages } = error;
  const status = statusOf(entry, details);
  return {
    body: {
      type: 'about:blank',
      title: statusTitle(status),
      status,
      code: error.code,
      detail: error.detail,
      ...(errors === undefined ? {} : { errors }),
      ...(details === undefined ? {} : { error: details }),
      ...(usages === undefined ? {} : { usages: usages.map(blockingUsage) }),
    },
    headers: headersOf(error, entry, status),
    isLogged: entry.isLogged ?? status >= 500,
  };
}

// Registered at IANA since RFC 9110; Node still has the older names.
const TITLES: ReadonlyMap<number, string> = new Map([
  [413, 'Content Too Large'],
  [422, 'Unprocessable Content'],
]);

/** The name of an HTTP status, as IANA registers it: https://www.iana.org/assignments/http-status-codes */
export function statusTitle(status: number): string {
  return TITLES.get(status) ?? STATUS_CODES[status] ?? 'Error';
}

const STATUS_BY_ADAPTER_CODE: ReadonlyMap<AdapterErrorCode, number> = new Map<AdapterErrorCode, number>([
  ['rate_limited', 429],
  ['quota_exceeded', 429],
  ['connection_timeout', 504],
  ['timeout', 504],
]);
/** The caller can do something about these. */
const CALLER_FAULTS: ReadonlySet<Fault> = new Set(['recipient', 'sender', 'configuration']);

/**
 * The HTTP status for a vendor's error: 422 if the recipient, the sender or the settings are the cause, 429 for a vendor rate
 * limit or quota, 504 for a timeout, 503 for any other temporary error, 502 for a permanent one.
 */
export function vendorStatus({ code, fault, retryable }: AdapterErrorDetails): number {
  if (CALLER_FAULTS.has(fault)) return 422;
  return STATUS_BY_ADAPTER_CODE.get(code) ?? (retryable ? 503 : 502);
}

/** The statuses that `vendorStatus` returns. */
export const VENDOR_STATUSES = [422, 429, 502, 503, 504] as const;

function statusOf({ status }: ErrorCode, details: AdapterErrorDetails | undefined): number {
  if (status !== 'vendor') return status;
  return details === undefined ? 502 : vendorStatus(details);
}

function headersOf(error: ConnectionsError<string>, entry: ErrorCode, status: number): Record<string, string> {
  const { currentVersion, retryAfterMs } = error;
  // Otherwise, an error of the vendor that has a time is not one that waiting resolves (RFC 9110, 10.2.3; RFC 6585, 4).
  const isTemporary = status === 429 || status === 503 || entry.retryAfterS !== undefined;
  const retryAfterS = retryAfterMs === undefined ? entry.retryAfterS : Math.max(1, Math.ceil(retryAfterMs / 1000));
  return {
    ...(isTemporary && retryAfterS !== undefined ? { 'retry-after': String(retryAfterS) } : {}),
    ...(currentVersion === undefined ? {} : { etag: `"${String(currentVersion)}"` }),
  };
}

/** Only these members of a usage. */
function blockingUsage({ consumer, ref, name, status }: BlockingUsage): BlockingUsage {
  return { consumer, ref, name, status };
}
