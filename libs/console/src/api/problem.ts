import type { components } from './schema.ts';

type ProblemBody = components['schemas']['Problem'];

/** What the API answers in the place of what was asked for (RFC 9457), or that it could not be reached at all. */
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
    const detail = body.detail ?? `The service answers ${String(response.status)}. Try again in a moment.`;
    return new Problem(response.status, body.code ?? 'unexpected', detail, body);
  }

  static unreachable(): Problem {
    const detail = 'The service cannot be reached. Check your network, then try again; what you typed is still here.';
    return new Problem(0, 'unreachable', detail, {});
  }

  /** Whether the same call may go well a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
