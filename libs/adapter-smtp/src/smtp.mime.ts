import type { Transform } from 'node:stream';
import { Encoder as Base64Encoder } from 'nodemailer/lib/base64';
import type MimeNode from 'nodemailer/lib/mime-node';
import { Encoder as QuotedPrintableEncoder } from 'nodemailer/lib/qp';

const LINE_FEED = 0x0a;

/**
 * Returns the bytes of a message whose parts are texts and buffers, as `MimeNode.build` does. That sends each part through
 * several streams, which takes longer than everything else that is done with a small message.
 */
export function messageBytes(root: MimeNode): Buffer {
  const chunks: Buffer[] = [];
  addNode(root, chunks);
  if (chunks.at(-1)?.at(-1) !== LINE_FEED) chunks.push(Buffer.from('\r\n'));
  return Buffer.concat(chunks);
}

function addNode(node: MimeNode, chunks: Buffer[]): void {
  const encoding = node.getTransferEncoding();
  chunks.push(Buffer.from(`${node.buildHeaders()}\r\n\r\n`));
  const { content = '', multipart, boundary } = node;
  if (typeof content !== 'string' && !Buffer.isBuffer(content))
    throw new TypeError('The content of a part is not bytes.');
  if (content.length > 0) chunks.push(encoded(Buffer.from(content), encoding, node.contentType));
  if (typeof multipart !== 'string') return;
  for (const [index, child] of node.childNodes.entries()) {
    chunks.push(Buffer.from(`${index === 0 ? '' : '\r\n'}--${String(boundary)}\r\n`));
    addNode(child, chunks);
  }
  chunks.push(Buffer.from(`\r\n--${String(boundary)}--\r\n`));
}

function encoded(content: Buffer, encoding: string | false, contentType = ''): Buffer {
  if (encoding === 'base64') return transformed(new Base64Encoder(), content);
  if (encoding !== 'quoted-printable') return content;
  // Outside of text, a lone CR or LF is data.
  return transformed(new QuotedPrintableEncoder({ binary: !/^text\//i.test(contentType) }), content);
}

/** Returns what a stream that transforms synchronously makes of some bytes, without waiting for it. */
export function transformed(stream: Transform, bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  stream.push = (chunk: string | Buffer): boolean => {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    return true;
  };
  const check = (error?: Error | null): void => {
    if (error) throw error;
  };
  // What a stream itself passes for bytes; the types do not have it.
  stream._transform(bytes, 'buffer' as BufferEncoding, check);
  stream._flush(check);
  return Buffer.concat(chunks);
}
