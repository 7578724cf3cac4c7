import type { Diagnosis } from '@score-crm/adapter-kit';
import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

export class ConnectionTestRow {
  id!: string;
  connectionId!: string;
  actor!: string;
  testedAt!: Date;
  diagnosis!: Diagnosis;
}

export function connectionTestSchema(dialect: Dialect): EntitySchema<ConnectionTestRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<ConnectionTestRow>({
    name: 'connection_test',
    target: ConnectionTestRow,
    tableName: 'connection_tests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_connection_tests' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      actor: { ...text, length: 200 },
      testedAt: { name: 'tested_at', ...time },
      diagnosis: { type: 'json' },
    },
    indices: [{ name: 'ix_connection_tests_connection', columns: ['connectionId', 'id'] }],
    foreignKeys: [
      {
        name: 'fk_connection_tests_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}
