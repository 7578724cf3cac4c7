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

/** All fields that are text, no files. */
export function fieldsOf(form: FormData): readonly (readonly [name: string, text: string])[] {
  return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}

/** All values that are text under a name. */
export function textsOf(form: FormData, name: string): readonly string[] {
  return form.getAll(name).filter((value) => typeof value === 'string');
}
