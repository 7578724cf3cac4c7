import { randomBytes } from 'node:crypto';
import {
  Adapter,
  type AdapterCapabilities,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  HttpClient,
  type Probe,
  type SendResult,
  SettingsField,
} from '@score-crm/adapter-kit';
import {
  AdapterRegistry,
  ConnectionInUseError,
  ConnectionsModule,
  type ConnectionsModuleOptions,
  ConnectionsService,
  ConnectionTester,
  connectionsEntities,
  connectionsMigrations,
  type Dialect,
  EmailSender,
  EventsService,
  KeyHealthService,
  type MessageInput,
  KeyRotationService,
  UnitOfWork,
  UsagesService,
} from '@score-crm/connections';
import { type DynamicModule, Inject, Injectable, type LoggerService, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { IsNotEmpty, IsString } from 'class-validator';
import {
  DataSource,
  type DataSourceOptions,
  EntitySchema,
  type MigrationInterface,
  type QueryRunner,
  Table,
} from 'typeorm';
import { parseDatabaseUrl } from '../src/config/urls.ts';
import { openDataSource } from '../src/database/data-source.ts';
import { createDatabase, DATABASES, type TestDatabase } from './support/databases.ts';
import { findSecrets } from './support/secret-search.ts';

// A foreign application: its own vendor, its own table and its own data source. It knows nothing of this service.

class PigeonSettings {
  @SettingsField({ label: 'Loft', bindsSecret: true })
  @IsString()
  @IsNotEmpty()
  loft!: string;

  @SettingsField({ label: 'Whistle', secret: true })
  @IsString()
  @IsNotEmpty()
  whistle!: string;
}

const NOTHING_SPECIAL: AdapterCapabilities = {
  webhooks: 'none',
  events: [],
  attachments: false,
  inlineImages: false,
  customHeaders: false,
  tags: false,
  metadata: false,
  scheduling: false,
};

@Adapter({ vendor: 'pigeon', displayName: 'Pigeon Post' })
class PigeonAdapter implements EmailAdapter<PigeonSettings> {
  readonly settings = PigeonSettings;
  readonly capabilities = NOTHING_SPECIAL;
  readonly flights: { settings: PigeonSettings; probe: Probe }[] = [];
  readonly messages: EmailMessage[] = [];

  // The module's HTTP client is there for adapters of any module.
  constructor(readonly http: HttpClient) {}

  async diagnose(settings: PigeonSettings, probe: Probe, _options?: CallOptions): Promise<Diagnosis> {
    this.flights.push({ settings, probe });
    return {
      ok: true,
      durationMs: 1,
      stages: [{ stage: 'message', status: 'passed', detail: `whistled ${settings.whistle}` }],
      checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'skipped' },
      warnings: [],
    };
  }

  async send(message: EmailMessage): Promise<SendResult> {
    this.messages.push(message);
    return { messageId: 'feather', accepted: message.to.map(({ email }) => email), rejected: [] };
  }
}

@Module({ providers: [PigeonAdapter], exports: [PigeonAdapter] })
class PigeonModule {}

class Newsletter {
  id!: string;
  connectionId!: string;
}

const newsletterSchema = new EntitySchema<Newsletter>({
  name: 'newsletter',
  target: Newsletter,
  tableName: 'newsletters',
  columns: {
    id: { type: 'varchar', length: 36, primary: true },
    connectionId: { name: 'connection_id', type: 'varchar', length: 36 },
  },
});

class CreateNewsletters1790000000000 implements MigrationInterface {
  readonly name = 'CreateNewsletters1790000000000';

  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'connection_id', type: 'varchar', length: '36' },
    ];
    await runner.createTable(new Table({ name: 'newsletters', columns }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('newsletters');
  }
}

@Injectable()
class NewslettersService {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly sender: EmailSender,
    private readonly events: EventsService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Sends a newsletter. @returns who got it, as the connection's events tell */
  async send(connectionId: string, message: MessageInput): Promise<(string | null)[]> {
    const { messageId } = await this.sender.send(CALLER, connectionId, message);
    const { data } = await this.events.list(CALLER, connectionId, { kinds: ['sent'] });
    return data.filter((event) => event.messageId === messageId).map((event) => event.recipient);
  }

  /** Writes to a table of the application's own, in a transaction of the module. */
  async plan(id: string, connectionId: string, fails = false): Promise<void> {
    await this.connections.get(CALLER, connectionId);
    await this.unitOfWork.write(async (tx) => {
      await tx.insert(Newsletter, { id, connectionId });
      if (fails) throw new Error('changed its mind');
    });
  }

  count(): Promise<number> {
    return this.unitOfWork.read((tx) => tx.count(Newsletter));
  }
}

/** A feature of the application: it imports the module that the application's root configures. */
@Module({ imports: [ConnectionsModule], providers: [NewslettersService] })
class NewslettersModule {}

const nothing = (): void => undefined;
const SILENT: LoggerService = { log: nothing, warn: nothing, error: nothing };
const CALLER = { organization: 'a-foreign-tenant', actor: 'cron' };

function dataSourceOptions({ kind, url }: TestDatabase): DataSourceOptions {
  const schemaOf = (dialect: Dialect) => ({
    entities: [newsletterSchema as EntitySchema, ...connectionsEntities(dialect)],
    migrations: [CreateNewsletters1790000000000, ...connectionsMigrations],
  });
  if (kind === 'SQLite') {
    return { type: 'better-sqlite3', database: url.slice('sqlite:'.length), enableWAL: true, ...schemaOf('sqlite') };
  }
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    type: 'mariadb',
    host: hostname,
    port: Number(port),
    username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    timezone: 'Z',
    ...schemaOf('mysql'),
  };
}

/** Where the application keeps its data source. */
@Module({})
class StorageModule {
  static with(dataSource: DataSource): DynamicModule {
    return {
      module: StorageModule,
      providers: [{ provide: DataSource, useValue: dataSource }],
      exports: [DataSource],
    };
  }
}

const ENCRYPTION_KEYS = `embedded:${randomBytes(32).toString('base64')}`;

@Injectable()
class ConnectionsOptions {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  create(): ConnectionsModuleOptions {
    return { dataSource: this.dataSource, encryptionKeys: ENCRYPTION_KEYS };
  }
}

const WAYS: readonly (readonly [way: string, imports: (dataSource: DataSource) => (DynamicModule | Type)[]])[] = [
  ['forRoot', (dataSource) => [ConnectionsModule.forRoot({ dataSource, encryptionKeys: ENCRYPTION_KEYS })]],
  [
    'forRootAsync with a factory',
    (dataSource) => [
      ConnectionsModule.forRootAsync({
        imports: [StorageModule.with(dataSource)],
        inject: [DataSource],
        useFactory: async (injected: DataSource) => ({ dataSource: injected, encryptionKeys: ENCRYPTION_KEYS }),
      }),
    ],
  ],
  [
    'forRootAsync with a class',
    (dataSource) => [
      ConnectionsModule.forRootAsync({ imports: [StorageModule.with(dataSource)], useClass: ConnectionsOptions }),
    ],
  ],
];

describe.each(DATABASES)('another Nest application that imports the module, on %s', (kind) => {
  async function withApplication(
    imports: (dataSource: DataSource) => (DynamicModule | Type)[],
    work: (app: TestingModule, dataSource: DataSource, database: TestDatabase) => Promise<void>,
  ): Promise<void> {
    const database = await createDatabase(kind);
    const dataSource = await new DataSource(dataSourceOptions(database)).initialize();
    try {
      await dataSource.runMigrations();
      const app = await Test.createTestingModule({
        imports: [PigeonModule, NewslettersModule, ...imports(dataSource)],
      })
        .setLogger(SILENT)
        .compile();
      await app.init();
      await work(app, dataSource, database);
      await app.close();
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  }

  it.each(WAYS)('uses its own vendor and its own table beside ours, by %s', async (_way, imports) => {
    await withApplication(imports, async (app, dataSource, database) => {
      const whistle = `wh-${randomBytes(12).toString('hex')}`;
      const pigeons = app.get(PigeonAdapter);
      expect(app.get(AdapterRegistry).vendors).toEqual(['pigeon']);
      expect(app.get(AdapterRegistry).get('pigeon').adapter).toBe(pigeons);
      expect(pigeons.http).toBeInstanceOf(HttpClient);

      const connections = app.get(ConnectionsService);
      const input = { name: 'Loft', vendor: 'pigeon', settings: { loft: 'roof', whistle } };
      const created = await connections.create(CALLER, input);
      expect(created).toMatchObject({ settings: { loft: 'roof' }, secrets: { whistle: { set: true } }, version: 1 });
      expect((await connections.list(CALLER)).data).toEqual([created]);

      const { diagnosis } = await app.get(ConnectionTester).test(CALLER, created.id, { to: ['a@example.com'] });
      expect(pigeons.flights[0]?.settings).toEqual({ loft: 'roof', whistle });
      expect(diagnosis.stages[0]?.detail).toBe('whistled [redacted]');

      const newsletters = app.get(NewslettersService);
      await newsletters.plan('one', created.id);
      await expect(newsletters.plan('two', created.id, true)).rejects.toThrow('changed its mind');
      await expect(newsletters.plan('three', 'no connection')).rejects.toThrow('Connection not found.');
      expect(await newsletters.count()).toBe(1);

      const usages = app.get(UsagesService);
      await usages.claim(CALLER, created.id, 'journey', '7', { name: 'Welcome', status: 'running' });
      await expect(connections.delete(CALLER, created.id)).rejects.toThrow(ConnectionInUseError);
      await usages.release(CALLER, created.id, 'journey', '7');
      await connections.delete(CALLER, created.id);
      expect((await connections.list(CALLER)).data).toEqual([]);
      expect(await app.get(KeyHealthService).check()).toMatchObject({ encrypted: 1, unreadable: { count: 0 } });
      expect(await app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 0, skipped: 0, unreadable: [] });

      expect(findSecrets(await database.dump(), [whistle])).toEqual([]);
      const drift = await dataSource.driver.createSchemaBuilder().log();
      expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
    });
  });

  it('sends through it, and reads what became of the message', async () => {
    const [, imports] = WAYS[0] ?? [];
    await withApplication(imports ?? (() => []), async (app) => {
      const settings = { loft: 'roof', whistle: 'w' };
      const input = { name: 'Loft', vendor: 'pigeon', fromEmail: 'loft@sender.example', settings };
      const { id } = await app.get(ConnectionsService).create(CALLER, input);
      const message = { to: [{ email: 'Ada@recipient.example' }], subject: 'Hello', text: 'Coo' };
      const content = Buffer.from('grain');
      const attachments = [{ filename: 'grain.txt', contentType: 'text/plain', content }];
      const got = await app.get(NewslettersService).send(id, { ...message, attachments });
      expect(got).toEqual(['ada@recipient.example']);
      const [flown] = app.get(PigeonAdapter).messages;
      expect(flown).toEqual({ ...message, attachments, from: { email: 'loft@sender.example' } });
    });
  });

  it('writes to both tables at once from many sides', async () => {
    const [, imports] = WAYS[0] ?? [];
    await withApplication(imports ?? (() => []), async (app) => {
      const connections = app.get(ConnectionsService);
      const input = { name: 'Loft', vendor: 'pigeon', settings: { loft: 'roof', whistle: 'w' } };
      const { id } = await connections.create(CALLER, input);
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => [
          app.get(NewslettersService).plan(`n${String(n)}`, id),
          connections.update(CALLER, id, { name: `Loft ${String(n)}` }),
        ]).flat(),
      );
      expect(await app.get(NewslettersService).count()).toBe(50);
      expect((await connections.get(CALLER, id)).version).toBe(51);
    });
  });

  it('does not start with a broken key, and does not say it', async () => {
    const database = await createDatabase(kind);
    const dataSource = await new DataSource(dataSourceOptions(database)).initialize();
    await dataSource.runMigrations();
    const secret = randomBytes(16).toString('base64');
    const options = { dataSource, encryptionKeys: `short:${secret}` };
    const failure: unknown = await Test.createTestingModule({ imports: [ConnectionsModule.forRoot(options)] })
      .setLogger(SILENT)
      .compile()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String((failure as Error).stack)).not.toContain(secret.slice(0, 8));
    await dataSource.destroy();
    await database.drop();
  });
});

describe('a SQLite file that is opened again', () => {
  async function synchronousOf(dataSource: DataSource): Promise<unknown> {
    return dataSource.query('PRAGMA synchronous');
  }

  it('syncs every commit, in the service and in an application with a data source of its own', async () => {
    const database = await createDatabase('SQLite');
    const location = parseDatabaseUrl(database.url);
    await (await openDataSource(location)).destroy();
    const ours = await openDataSource(location);
    expect(await synchronousOf(ours)).toEqual([{ synchronous: 2 }]);
    await ours.destroy();

    const foreign = await new DataSource(dataSourceOptions(database)).initialize();
    // What SQLite does when nobody says otherwise.
    expect(await synchronousOf(foreign)).toEqual([{ synchronous: 1 }]);
    await foreign.runMigrations();
    const imports = [ConnectionsModule.forRoot({ dataSource: foreign, encryptionKeys: ENCRYPTION_KEYS })];
    const app = await Test.createTestingModule({ imports }).setLogger(SILENT).compile();
    await app.init();
    expect(await synchronousOf(foreign)).toEqual([{ synchronous: 2 }]);
    await app.close();
    await foreign.destroy();
    await database.drop();
  });
});
