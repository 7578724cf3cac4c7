import type { components } from './schema.ts';

type ProblemBody = components['schemas']['Problem'];

/** An error response of the API (RFC 9457), or that the service could not be reached. */
export class Problem extends Error {
  override readonly name = 'Problem';

  private constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly body: Partial<ProblemBody>,
  ) {
    super(detail);
  }

  static async from(response: Response): Promise<Problem> {
    const json: unknown = await response.json().catch(() => undefined);
    const body: Partial<ProblemBody> = typeof json === 'object' && json !== null ? json : {};
    const detail = body.detail ?? `The service returned status ${String(response.status)}. Try again in a moment.`;
    return new Problem(response.status, body.code ?? 'unexpected', detail, body);
  }

  static unreachable(): Problem {
    const detail = 'Could not reach the service. Check your network, then try again. What you typed is still here.';
    return new Problem(0, 'unreachable', detail, {});
  }

  /** Whether the same call may succeed a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The message of an error in the field with this pointer, or in something that the field contains. */
export function errorAt(pointer: string, error: Error | null): string | undefined {
  const errors = error instanceof Problem ? (error.body.errors ?? []) : [];
  return errors.find((one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`))?.message;
}
