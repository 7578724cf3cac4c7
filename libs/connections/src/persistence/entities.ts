import type { EntitySchema } from 'typeorm';
import type { Dialect } from './dialect.ts';
import { CreateConnections1764000000000 } from './migrations/1764000000000-create-connections.ts';
import { auditSchema } from './schema/audit-row.ts';
import { connectionSchema } from './schema/connection-row.ts';
import { connectionTestSchema } from './schema/connection-test-row.ts';

/** The entities of this module, for the `entities` of the application's data source. */
export function connectionsEntities(dialect: Dialect): EntitySchema[] {
  return [connectionSchema(dialect), connectionTestSchema(dialect), auditSchema(dialect)] as EntitySchema[];
}

/** The migrations of this module, for the `migrations` of the application's data source. */
export const connectionsMigrations = [CreateConnections1764000000000];
