import { readdirSync, readFileSync } from 'node:fs';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';

/** A webhook request of the vendor, and the expected result of parsing it. */
export interface Fixture {
  readonly name: string;
  /** A copy each time: an adapter may modify it. */
  readonly request: WebhookRequest;
  /** In the form of `writtenForm`, or `malformed` if it is not a batch; undefined if the file is missing. */
  readonly expected: readonly unknown[] | 'malformed' | undefined;
}

/** The fixtures directly in the folder: `x.json`, `x.raw` or `x.request.json` with `x.expected.json`. */
export function readFixtures(folder: URL): readonly Fixture[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  const files = new Set(names);
  const bodies = names.filter((name) => /\.(?:json|raw)$/.test(name) && !name.endsWith('.expected.json'));
  const read = (name: string): Buffer => readFileSync(new URL(name, folder));
  return bodies.map((file) => {
    const name = file.replace(/(?:\.request)?\.(?:json|raw)$/, '');
    const expectation = `${name}.expected.json`;
    const bytes = read(file);
    return {
      name,
      get request() {
        return file.endsWith('.request.json')
          ? wholeRequest(bytes)
          : { headers: {}, query: {}, body: Buffer.from(bytes) };
      },
      expected: files.has(expectation)
        ? (JSON.parse(read(expectation).toString()) as NonNullable<Fixture['expected']>)
        : undefined,
    };
  });
}

/** `body` is text, which is sent unchanged, or any other JSON, which is sent without spaces. */
function wholeRequest(file: Buffer): WebhookRequest {
  const { headers = {}, query = {}, body = '' } = JSON.parse(file.toString()) as Partial<WebhookRequest>;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { headers, query, body: Buffer.from(text) };
}
