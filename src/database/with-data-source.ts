import type { DataSource } from 'typeorm';
import type { DatabaseLocation } from '../config/database-url.ts';
import { openDataSource } from './data-source.ts';

/** Opens the database for one task, without changing its schema, and closes it. */
export async function withDataSource<T>(
  location: DatabaseLocation,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await openDataSource(location);
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
