// Starts the application on the platform that PLATFORM names.
import 'reflect-metadata';
import {
  connectionsEntities,
  connectionsMigrations,
  ConnectionsModule,
  type ConnectionsModuleOptions,
} from '@score-crm/connections';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CrmModule } from './application.ts';

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
        webhookBaseUrl: 'https://crm.example/email/webhooks/v2',
        outbound: { allow: ['127.0.0.1'] },
      }),
    }),
    CrmModule,
  ],
  providers: [SendgridAdapter, SmtpAdapter],
})
class AppModule {}

async function main(): Promise<void> {
  const adapter = process.env['PLATFORM'] === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(AppModule, adapter, { rawBody: true, logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`listening on ${await app.getUrl()}\n`);
}

void main();
