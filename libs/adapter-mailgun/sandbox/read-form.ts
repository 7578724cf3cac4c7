import type { SandboxRequest } from '@score-crm/adapter-kit/sandbox';

/** Parses a body as a form. Returns undefined if it is not one. */
export async function readForm({ headers, body }: SandboxRequest): Promise<FormData | undefined> {
  const type = headers['content-type'] ?? '';
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    return undefined;
  }
}

/**
 * Returns the types of the files in a body, as they were sent: a `File` has them in lowercase and without non-ASCII
 * characters. Mailgun writes them into the message.
 */
export function fileTypesIn({ headers, body }: SandboxRequest): readonly string[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(headers['content-type'] ?? '')?.[1] ?? '';
  return body
    .toString()
    .split(`--${boundary}`)
    .map((part) => part.slice(0, Math.max(part.indexOf('\r\n\r\n'), 0)))
    .filter((head) => /^Content-Disposition: [^\r\n]*; filename="/im.test(head))
    .map((head) => /^Content-Type: *([^\r\n]*)/im.exec(head)?.[1] ?? '');
}

/** Returns all text fields, without files. */
export function fieldsOf(form: FormData): readonly (readonly [name: string, text: string])[] {
  return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}

/** Returns all text values of a name. */
export function textsOf(form: FormData, name: string): readonly string[] {
  return form.getAll(name).filter((value) => typeof value === 'string');
}
