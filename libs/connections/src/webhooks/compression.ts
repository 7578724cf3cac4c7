import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

export const compress: (bytes: Uint8Array) => Promise<Buffer> = promisify(gzip);
export const decompress: (bytes: Uint8Array) => Promise<Buffer> = promisify(gunzip);
