import { readdirSync, readFileSync } from 'node:fs';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';

/** A post of the vendor, and what is to be read from it. */
export interface Fixture {
  readonly name: string;
  /** A copy each time: whoever reads it may have spoilt it. */
  readonly request: WebhookRequest;
  /** As `writtenForm` writes it, or `malformed` where it is no batch; undefined if the file is missing. */
  readonly expected: readonly unknown[] | 'malformed' | undefined;
}

/** Those of the folder itself: `x.json`, `x.raw` or `x.request.json` beside `x.expected.json`. */
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

/** `body` is text as it is sent, or any other JSON, which is then written without blanks. */
function wholeRequest(file: Buffer): WebhookRequest {
  const { headers = {}, query = {}, body = '' } = JSON.parse(file.toString()) as Partial<WebhookRequest>;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { headers, query, body: Buffer.from(text) };
}
