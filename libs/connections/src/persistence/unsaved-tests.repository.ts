import { Injectable } from '@nestjs/common';
import { LessThan, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import { UnsavedTestRow } from './schema/unsaved-test-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** How many unsaved tests of one organization are kept. */
const KEPT_TESTS = 50;

@Injectable()
export class UnsavedTestsRepository {
  /** Deletes the tests that are older than `since`, of all organizations. */
  async deleteBefore(tx: Transaction, since: Date): Promise<void> {
    await tx.delete(UnsavedTestRow, { testedAt: LessThan(since) });
  }

  /** Stores a test. If its organization has too many, the oldest are deleted. */
  async add(tx: Transaction, row: UnsavedTestRow): Promise<void> {
    await tx.insert(UnsavedTestRow, row);
    const { organization } = row;
    const [oldest] = await tx.find(UnsavedTestRow, {
      select: { id: true },
      where: { organization },
      order: { id: 'DESC' },
      skip: KEPT_TESTS,
      take: 1,
    });
    if (oldest !== undefined) await tx.delete(UnsavedTestRow, { organization, id: LessThanOrEqual(oldest.id) });
  }

  /** Removes and returns the test if it is one of the organization's, not older than `since`, and has this digest. */
  async take(
    tx: Transaction,
    wanted: Pick<UnsavedTestRow, 'id' | 'organization' | 'digest'>,
    since: Date,
  ): Promise<UnsavedTestRow | null> {
    const { id, organization, digest } = wanted;
    const row = await tx.findOneBy(UnsavedTestRow, { id, organization, digest, testedAt: MoreThanOrEqual(since) });
    if (row !== null) await tx.delete(UnsavedTestRow, { id });
    return row;
  }
}
