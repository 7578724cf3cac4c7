import { UnsupportedMediaTypeException } from '@nestjs/common';

// US-ASCII is a part of UTF-8.
const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi;

/**
 * JSON is UTF-8 (RFC 8259, section 8.1). The parameter has no meaning for this media type, but a sender
 * that names another encoding may mean it.
 * @throws UnsupportedMediaTypeException
 */
export function assertUtf8Charset(contentType: string): void {
  for (const [, charset = ''] of contentType.matchAll(CHARSET)) {
    if (!UTF_8.has(charset.replaceAll('"', '').toLowerCase())) {
      throw new UnsupportedMediaTypeException('The charset is not supported. Send JSON as UTF-8.');
    }
  }
}
