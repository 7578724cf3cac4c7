import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.ts';
import { configuration } from './configuration.ts';

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
  // Signatures of webhooks cover the bytes of their bodies.
  rawBody: true,
});
app.enableShutdownHooks();
const { host, port } = configuration();
await app.listen(port, host);
process.stdout.write(`Listening on ${await app.getUrl()}\n`);
