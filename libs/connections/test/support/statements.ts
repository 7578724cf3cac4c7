import type { DataSource, Logger } from 'typeorm';

/** What a work sends to the database. */
export async function recordStatements<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
): Promise<{ readonly statements: readonly string[]; readonly result: T }> {
  const { logger } = dataSource;
  const statements: string[] = [];
  const recording: Logger = Object.assign(Object.create(logger) as Logger, {
    logQuery: (query: string) => {
      statements.push(query);
    },
  });
  dataSource.logger = recording;
  try {
    const result = await work();
    return { statements, result };
  } finally {
    dataSource.logger = logger;
  }
}
