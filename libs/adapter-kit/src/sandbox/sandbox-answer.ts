/** An HTTP response, or none: `hang` never responds, `hang up` closes the connection. */
export type SandboxAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'hang up';

/** Builds a JSON response. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  } satisfies SandboxAnswer;
}
