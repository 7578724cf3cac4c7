// Another Nest application that imports the module, with some vendors.
//
// Environment: DATABASE_URL, ENCRYPTION_KEYS, VENDOR_ENDPOINTS (JSON)
import 'reflect-metadata';
import { connectionsEntities, connectionsMigrations, ConnectionsModule, EmailSender } from '@score-crm/connections';
import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ORGANIZATION } from '../../support/service.ts';

const { DATABASE_URL = '', ENCRYPTION_KEYS = '', VENDOR_ENDPOINTS = '{}' } = process.env;

export const CALLER = { organization: ORGANIZATION, actor: 'bench' };

export async function startApplication(
  adapters: readonly Type<object>[],
): Promise<{ application: INestApplicationContext; sender: EmailSender }> {
  @Module({
    imports: [
      TypeOrmModule.forRootAsync({
        useFactory: () => ({
          type: 'mariadb',
          url: DATABASE_URL,
          charset: 'utf8mb4',
          timezone: 'Z',
          multipleStatements: true,
          entities: [...connectionsEntities('mysql')],
          migrations: [...connectionsMigrations],
        }),
      }),
      ConnectionsModule.forRootAsync({
        inject: [getDataSourceToken()],
        useFactory: (dataSource: DataSource) => ({
          dataSource,
          encryptionKeys: ENCRYPTION_KEYS,
          outbound: { allow: ['127.0.0.1'] },
          vendorEndpoints: JSON.parse(VENDOR_ENDPOINTS) as Record<string, string>,
        }),
      }),
    ],
    providers: [...adapters],
  })
  class Application {}

  const application = await NestFactory.createApplicationContext(Application, { logger: ['error', 'warn'] });
  return { application, sender: application.get(EmailSender) };
}
