import type { Socket } from 'node:net';
import type { DataSource } from 'typeorm';

/** What is used of a pooled connection of mysql2. */
export interface PooledConnection {
  readonly threadId: number | null;
  destroy(): void;
  promise(): { query(sql: string, values?: readonly unknown[]): Promise<[unknown, unknown]> };
}

/** mysql2's own list, of which it publishes nothing. */
interface ConnectionList {
  readonly length: number;
  get(index: number): PooledConnection | undefined;
}

interface Pool {
  readonly config?: { readonly connectionLimit?: number };
  readonly _allConnections?: ConnectionList;
  readonly _freeConnections?: ConnectionList;
}

/** What mysql2 opens if no number is configured. */
const DEFAULT_POOL_SIZE = 10;

/** How many connections the pool of a data source may have. */
export function poolSize(dataSource: DataSource): number {
  return poolOf(dataSource)?.config?.connectionLimit ?? DEFAULT_POOL_SIZE;
}

/** Closes the connections that nothing uses at the moment; the pool opens others when it needs them. */
export function destroyIdleConnections(dataSource: DataSource): void {
  destroyConnections(listed(poolOf(dataSource)?._freeConnections));
}

/** Every connection of the pool, in use or not. */
export function connectionsOf(dataSource: DataSource): readonly PooledConnection[] {
  return listed(poolOf(dataSource)?._allConnections);
}

/** Closes connections without notifying the server. */
export function destroyConnections(connections: readonly PooledConnection[]): void {
  for (const connection of connections) {
    connection.destroy();
    destroySocket(connection);
  }
}

/** mysql2's `destroy` only ends the socket, which a silent peer never confirms. */
export function destroySocket(connection: PooledConnection): void {
  const { stream } = connection as { stream?: Socket };
  // It no longer has another listener.
  stream?.on('error', () => undefined);
  stream?.destroy();
}

function listed(list: ConnectionList | undefined): PooledConnection[] {
  return Array.from({ length: list?.length ?? 0 }, (_, index) => list?.get(index)).filter(
    (connection) => connection !== undefined,
  );
}

function poolOf(dataSource: DataSource): Pool | undefined {
  return (dataSource.driver as { pool?: Pool }).pool;
}
