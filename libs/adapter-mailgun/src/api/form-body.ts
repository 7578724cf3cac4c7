import type { FormBody } from './mailgun-api.ts';

/** As `multipart/form-data`, with the names of files in UTF-8: of `filename*` Mailgun loses the attachment. */
export async function multipart(form: FormData): Promise<FormBody> {
  // https://github.com/anymail/django-anymail/issues/125
  const body = new Response(form);
  return { type: body.headers.get('content-type') ?? '', bytes: new Uint8Array(await body.arrayBuffer()) };
}

/** As `application/x-www-form-urlencoded`. */
export function urlEncoded(fields: URLSearchParams): FormBody {
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(fields.toString()) };
}
