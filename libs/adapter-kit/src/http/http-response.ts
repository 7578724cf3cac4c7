import type { IncomingHttpHeaders } from 'node:http';
import { AdapterError } from '../errors/adapter-error.ts';

export class HttpResponse {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: Buffer,
  ) {}

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Returns the first value of a header, or undefined. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  }

  text(): string {
    return this.body.toString('utf8');
  }

  /** The parsed body, or undefined if it is not JSON (as the response of a gateway may not be). */
  jsonOrUndefined(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch {
      return undefined;
    }
  }

  /**
   * Parses the body.
   * @throws AdapterError `invalid_response` if it is not JSON
   */
  json(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch {
      const hint = 'The vendor’s response is not JSON. Check the base URL, or try again later.';
      throw new AdapterError({
        stage: 'message',
        code: 'invalid_response',
        fault: 'vendor',
        retryable: true,
        status: this.status,
        hint,
      });
    }
  }
}
