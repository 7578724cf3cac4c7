// Another Nest application that imports the module and sends through it.
//
// Environment: DATABASE_URL, ENCRYPTION_KEYS, CONNECTION_ID, KEYS (1 to send with idempotency keys), LOAD
import 'reflect-metadata';
import { connectionsEntities, connectionsMigrations, ConnectionsModule, EmailSender } from '@score-crm/connections';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ORGANIZATION } from '../../support/service.ts';
import { measureHere } from '../callers.ts';
import { emailOf } from '../email.ts';

const { DATABASE_URL = '', ENCRYPTION_KEYS = '', CONNECTION_ID = '', KEYS = '0' } = process.env;

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
      }),
    }),
  ],
  providers: [SmtpAdapter],
})
class Application {}

const application = await NestFactory.createApplicationContext(Application, { logger: ['error', 'warn'] });
const sender = application.get(EmailSender);
const caller = { organization: ORGANIZATION, actor: 'bench' };
await measureHere((number) => {
  const options = KEYS === '1' ? { idempotencyKey: String(number) } : {};
  return sender.send(caller, CONNECTION_ID, emailOf(number), options);
});
await application.close();
