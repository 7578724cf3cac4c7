import type { DataSource, Logger } from 'typeorm';

/** What a work sends to the database: statements, and at the same positions their values. */
export async function recordStatements<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
): Promise<{ readonly statements: readonly string[]; readonly parameters: readonly unknown[][]; readonly result: T }> {
  const { logger } = dataSource;
  const statements: string[] = [];
  const parameters: unknown[][] = [];
  const recording: Logger = Object.assign(Object.create(logger) as Logger, {
    logQuery: (query: string, values: unknown[] = []) => {
      statements.push(query);
      parameters.push(values);
    },
  });
  dataSource.logger = recording;
  try {
    const result = await work();
    return { statements, parameters, result };
  } finally {
    dataSource.logger = logger;
  }
}
