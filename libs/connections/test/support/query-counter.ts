import type { DataSource, Logger } from 'typeorm';

/** How many statements a work sends to the database. */
export async function countQueries<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
): Promise<{ readonly queries: number; readonly result: T }> {
  const { logger } = dataSource;
  let queries = 0;
  const counting: Logger = Object.assign(Object.create(logger) as Logger, {
    logQuery: () => {
      queries++;
    },
  });
  dataSource.logger = counting;
  try {
    const result = await work();
    return { queries, result };
  } finally {
    dataSource.logger = logger;
  }
}
