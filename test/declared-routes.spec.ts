import { Controller, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Public } from '@score-crm/connections-http';
import { DeclaredRoutesGuard } from '../src/auth/bearer.guard.ts';

@Controller('forgotten')
class ForgottenController {
  @Get()
  get(): string {
    return 'secret';
  }
}

@Public()
@Controller('public')
class PublicController {
  @Get()
  get(): string {
    return 'public';
  }
}

let app: NestFastifyApplication;

beforeAll(async () => {
  const module = await Test.createTestingModule({
    controllers: [ForgottenController, PublicController],
    providers: [{ provide: APP_GUARD, useClass: DeclaredRoutesGuard }],
  }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.init();
});
afterAll(() => app.close());

it.each([
  ['/forgotten', 403],
  ['/public', 200],
])('answers %s with %i, because only declared routes are served', async (url, status) => {
  expect((await app.inject({ method: 'GET', url })).statusCode).toBe(status);
});
