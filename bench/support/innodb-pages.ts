import { closeSync, openSync, readSync } from 'node:fs';

export const PAGE_BYTES = 16_384;
const PAGES_AT_ONCE = 64;
const TYPE_AT = 24;
const INDEX_ID_AT = 66;
const INDEX_PAGE = 17_855;
/** A part of a long value, which is outside the page of its row. */
const OVERFLOW_PAGE = 10;

export interface PageCounts {
  /** By id of the index. */
  readonly indexes: ReadonlyMap<bigint, number>;
  readonly overflow: number;
}

/**
 * Counts the pages in use of a table's file. MariaDB itself only reports the reserved ones (`size` of its statistics), which
 * are up to 64 too many for each index; `n_leaf_pages` is wrong for small indexes. All pages must be on the disk.
 */
export function countPages(file: string): PageCounts {
  const indexes = new Map<bigint, number>();
  let overflow = 0;
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(PAGE_BYTES * PAGES_AT_ONCE);
    for (;;) {
      const bytes = readSync(descriptor, chunk);
      for (let page = 0; page < bytes; page += PAGE_BYTES) {
        const type = chunk.readUInt16BE(page + TYPE_AT);
        if (type === OVERFLOW_PAGE) overflow += 1;
        if (type !== INDEX_PAGE) continue;
        const id = chunk.readBigUInt64BE(page + INDEX_ID_AT);
        indexes.set(id, (indexes.get(id) ?? 0) + 1);
      }
      if (bytes === 0) return { indexes, overflow };
    }
  } finally {
    closeSync(descriptor);
  }
}
