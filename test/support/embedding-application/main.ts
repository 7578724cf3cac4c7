// Another Nest application, built from the packed packages as ESM and as CommonJS (test/process/embedding-application.spec.ts).
import 'reflect-metadata';
import {
  type Caller,
  type Connection,
  connectionsEntities,
  ConnectionsExceptionFilter,
  connectionsMigrations,
  ConnectionsModule,
  type ConnectionsModuleOptions,
  ConnectionsService,
  type ConnectionTest,
  ConnectionTester,
  EmailSender,
} from '@score-crm/connections';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

const CALLER: Caller = { organization: 'acme', actor: 'crm' };

@Controller('accounts')
class AccountsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly tester: ConnectionTester,
    private readonly sender: EmailSender,
  ) {}

  @Post()
  create(@Body() body: any): Promise<Connection> {
    return this.connections.create(CALLER, body);
  }

  @Get()
  async list(): Promise<readonly Connection[]> {
    return (await this.connections.list(CALLER, { limit: 10 })).data;
  }

  /** What the application does wrong itself is not the filter's business. */
  @Get('broken')
  broken(): never {
    throw new Error('Broken by the application.');
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<Connection> {
    return this.connections.get(CALLER, id);
  }

  @Post(':id/test')
  test(@Param('id') id: string): Promise<ConnectionTest> {
    return this.tester.test(CALLER, id, { to: ['ada@recipient.example'] });
  }

  @Post(':id/messages')
  async send(@Param('id') id: string): Promise<{ readonly accepted: readonly string[] }> {
    const { accepted } = await this.sender.send(CALLER, id, {
      to: [{ email: 'ada@recipient.example', name: 'Ada' }],
      subject: 'Welcome',
      text: 'Hello Ada',
    });
    return { accepted };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({
        type: 'better-sqlite3',
        database: process.env['DATABASE'] ?? ':memory:',
        entities: [...connectionsEntities('sqlite')],
        migrations: [...connectionsMigrations],
        migrationsRun: true,
      }),
    }),
    ConnectionsModule.forRootAsync({
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource): ConnectionsModuleOptions => ({
        dataSource,
        encryptionKeys: process.env['ENCRYPTION_KEYS'] ?? '',
        outbound: { allow: ['127.0.0.1'] },
      }),
    }),
  ],
  controllers: [AccountsController],
  providers: [SmtpAdapter, { provide: APP_FILTER, useClass: ConnectionsExceptionFilter }],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: ['error', 'warn'],
  });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`listening on ${await app.getUrl()}\n`);
}

void main();
