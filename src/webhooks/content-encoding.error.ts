import { ServiceError } from '../problems/service.error.ts';

/** The body is compressed: its signature covers other bytes than those that would be parsed. */
export class ContentEncodingError extends ServiceError {
  readonly code = 'unsupported_media_type';

  constructor() {
    super('Compressed bodies are not supported. Send the body without Content-Encoding.');
  }
}
