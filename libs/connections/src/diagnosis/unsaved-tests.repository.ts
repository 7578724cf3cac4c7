import type { Diagnosis } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThan, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/** A test of values that are not saved yet, kept for a short time so that saving the same values can adopt it. */
export class UnsavedTestRow {
  id!: string;
  organization!: string;
  actor!: string;
  /** Keyed digest of what was tested, in hexadecimal. */
  digest!: string;
  testedAt!: Date;
  diagnosis!: Diagnosis;
}

export function unsavedTestSchema(dialect: Dialect): EntitySchema<UnsavedTestRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<UnsavedTestRow>({
    name: 'unsaved_test',
    target: UnsavedTestRow,
    tableName: 'unsaved_tests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_unsaved_tests' },
      organization: { ...key, length: 64 },
      actor: { ...text, length: 200 },
      digest: { ...key, length: 64 },
      testedAt: { name: 'tested_at', ...time },
      diagnosis: { type: 'json' },
    },
    indices: [
      { name: 'ix_unsaved_tests_organization', columns: ['organization', 'id'] },
      { name: 'ix_unsaved_tests_tested_at', columns: ['testedAt'] },
    ],
  });
}

/** How many unsaved tests of one organization are kept. */
const KEPT_TESTS = 50;

@Injectable()
export class UnsavedTestsRepository {
  /** Deletes the tests that are older than `since`, of all organizations. */
  async deleteBefore(tx: Transaction, since: Date): Promise<void> {
    await tx.delete(UnsavedTestRow, { testedAt: LessThan(since) });
  }

  /** Deletes all tests of an organization. @returns how many */
  async deleteAll(tx: Transaction, organization: string): Promise<number> {
    return (await tx.delete(UnsavedTestRow, { organization })).affected ?? 0;
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
