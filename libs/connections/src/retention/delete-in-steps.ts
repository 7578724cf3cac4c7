import { setImmediate as turn } from 'node:timers/promises';
import type { DeletedRange, KeyRange, RowKey } from '../database/delete-rows.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';

/**
 * Deletes the rows of a range of keys in short transactions.
 * @param step deletes the next rows of a range
 * @param signal ends it between two steps, with its reason as error
 * @returns how many rows
 */
export async function deleteInSteps<Key extends RowKey>(
  unitOfWork: UnitOfWork,
  { after: first, before }: KeyRange<Key>,
  signal: AbortSignal,
  step: (tx: Transaction, range: KeyRange<Key>) => Promise<DeletedRange<Key>>,
): Promise<number> {
  let total = 0;
  for (let after: Key | undefined = first; after !== undefined;) {
    signal.throwIfAborted();
    const range: KeyRange<Key> = { after, before };
    const { deleted, last } = await unitOfWork.write((tx) => step(tx, range));
    total += deleted;
    after = last;
    // On SQLite, nothing else would let the event loop turn.
    await turn();
  }
  return total;
}
