import type { SandboxRequest } from '@score-crm/adapter-kit/sandbox';

/** A body as the form that it is; undefined if it is none. */
export async function readForm({ headers, body }: SandboxRequest): Promise<FormData | undefined> {
  const type = headers['content-type'] ?? '';
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    return undefined;
  }
}

/**
 * The types of the files in a body, as they were sent: a `File` has them in lower case, and without what is not ASCII.
 * Mailgun writes them into the mail.
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

/** All fields that are text, no files. */
export function fieldsOf(form: FormData): readonly (readonly [name: string, text: string])[] {
  return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}

/** All values that are text under a name. */
export function textsOf(form: FormData, name: string): readonly string[] {
  return form.getAll(name).filter((value) => typeof value === 'string');
}
