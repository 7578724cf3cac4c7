import type { Diagnosis } from '@score-crm/adapter-kit';
import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

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
