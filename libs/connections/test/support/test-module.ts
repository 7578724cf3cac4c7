import { randomBytes } from 'node:crypto';
import type { Provider, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { DataSource } from 'typeorm';
import { createDatabase, type DatabaseKind, type TestDatabase } from '../../../../test/support/databases.ts';
import { ConnectionRow } from '../../src/connections/connection-row.ts';
import { type Caller, ConnectionsModule, type ConnectionsModuleOptions } from '../../src/index.ts';
import { openDataSource } from './data-source.ts';
import { FakeAdapter, OtherAdapter } from './fake-vendor.ts';
import { RecordingLogger } from './recording-logger.ts';

export const CALLER: Caller = { organization: 'acme', actor: 'user:1' };

export type Row = Readonly<Record<string, unknown>>;

/** `kid:base64` of a new key. */
export function newKey(kid: string): string {
  return `${kid}:${randomBytes(32).toString('base64')}`;
}

/** Longer than a busy machine needs: what is tested is seldom the deadline. */
const PATIENCE_MS = 60_000;

export const KEY = newKey('test');

/** Fixtures have fixed times: their events must not become too old to be stored. */
const DEFAULTS = {
  encryptionKeys: KEY,
  databaseTimeoutMs: PATIENCE_MS,
  detectNestedWork: true,
  // The first purge would be in the middle of a test that runs on a busy machine.
  purgeIntervalMs: 0,
  webhookHealthChecks: false,
  retentionDays: { events: 0 },
};

export interface TestOptions extends Partial<Omit<ConnectionsModuleOptions, 'dataSource'>> {
  readonly providers?: readonly Provider[];
  readonly imports?: readonly Type[];
}

/** The module in an application of its own, on a database of its own. */
export class TestModule {
  private constructor(
    readonly app: TestingModule,
    readonly dataSource: DataSource,
    readonly database: TestDatabase,
    readonly logger: RecordingLogger,
  ) {}

  static async start(kind: DatabaseKind, options: TestOptions = {}): Promise<TestModule> {
    return TestModule.on(await createDatabase(kind), options);
  }

  static async on(database: TestDatabase, options: TestOptions = {}): Promise<TestModule> {
    const { providers = [FakeAdapter, OtherAdapter], imports = [], ...rest } = options;
    const isEmpty = await database.restoreSchema('connections');
    const dataSource = await openDataSource(database);
    if (isEmpty) await database.keepSchema('connections');
    const logger = new RecordingLogger();
    try {
      const app = await Test.createTestingModule({
        imports: [ConnectionsModule.forRoot({ ...DEFAULTS, dataSource, ...rest }), ...imports],
        providers: [...providers],
      })
        .setLogger(logger)
        .compile();
      await app.init();
      return new TestModule(app, dataSource, database, logger);
    } catch (error) {
      await dataSource.destroy();
      await database.drop();
      throw error;
    }
  }

  get adapter(): FakeAdapter {
    return this.app.get(FakeAdapter);
  }

  /** All rows of a table as the database holds them, in the order of their ids. */
  async rows(table: 'connections' | 'connection_tests' | 'unsaved_tests' | 'audit_entries'): Promise<Row[]> {
    return this.dataSource.query<Row[]>(`SELECT * FROM ${table} ORDER BY id`);
  }

  /** The entity of a connection, deleted or not. */
  async deleted(id: string): Promise<ConnectionRow> {
    return this.dataSource.getRepository(ConnectionRow).findOneOrFail({ where: { id }, withDeleted: true });
  }

  /**
   * The tables that have a row with the id or the number of this connection, or with a number that no connection has. Entries of
   * the feed, which have nothing but numbers, end with the retention of the feed.
   */
  async tablesWith(id: string): Promise<string[]> {
    const rows = (await this.rows('connections')).filter((row) => row['id'] !== id);
    const others = new Set(rows.map((row) => row['number']));
    const batches = await this.dataSource.query<Row[]>('SELECT * FROM event_batches');
    const isOthers = (number: unknown): boolean => others.has(number);
    const ofOthers = batches.filter(({ connection }) => isOthers(connection));
    const bodiesOfOthers = new Set(ofOthers.map((row) => String(row['id'])));
    const found: string[] = [];
    for (const { tableName } of this.dataSource.entityMetadatas) {
      if (tableName === 'feed_entries' || tableName === 'feed_pending') continue;
      // Suppressions belong to the organization, and outlive the connection that caused them.
      if (tableName === 'suppressions' || tableName === 'suppression_states') continue;
      const rows = await this.dataSource.query<Row[]>(`SELECT * FROM ${tableName}`);
      const isFound = rows.some((row) => {
        if ('connection' in row) return !isOthers(row['connection']);
        if (tableName === 'event_bodies') return !bodiesOfOthers.has(String(row['batch']));
        return JSON.stringify(row).includes(id);
      });
      if (isFound) found.push(tableName);
    }
    return found.toSorted();
  }

  async row(id: string): Promise<Row | undefined> {
    return (await this.rows('connections')).find((row) => row['id'] === id);
  }

  /** Stops the application; its database stays. */
  async stop(): Promise<void> {
    await this.app.close();
    await this.dataSource.destroy();
  }

  async end(): Promise<void> {
    await this.stop();
    await this.database.drop();
  }
}
