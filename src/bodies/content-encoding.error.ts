import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../problems/service.error.ts';

/** The body is compressed. Of a webhook, the signature would cover other bytes than those that are parsed. */
export class ContentEncodingError extends ServiceError {
  readonly code = 'unsupported_media_type';

  constructor() {
    super('Compressed bodies are not supported. Send the body without Content-Encoding.');
  }
}

/** @throws ContentEncodingError */
export function assertNotCompressed(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'identity') throw new ContentEncodingError();
}
