import { Test, type TestingModule } from '@nestjs/testing';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConnectionsHealthIndicator } from '@score-crm/connections/terminus';
import { ConnectionsTestingModule } from '@score-crm/connections/testing';
import { ConnectionsModule, type Readiness, ReadinessService } from '../src/index.ts';

let app: TestingModule;
let readiness: Readiness | undefined;

beforeAll(async () => {
  app = await Test.createTestingModule({
    imports: [ConnectionsTestingModule.forRoot(), ConnectionsModule, TerminusModule.forRoot({ logger: false })],
    providers: [ConnectionsHealthIndicator],
  }).compile();
  await app.init();
  const service = app.get(ReadinessService);
  const check = service.check.bind(service);
  service.check = async () => readiness ?? check();
});
afterAll(() => app.close());

/** What the health check of an application returns. */
async function check(): Promise<{ readonly status: string; readonly connections: unknown }> {
  const indicator = app.get(ConnectionsHealthIndicator);
  const result = app.get(HealthCheckService).check([() => indicator.isHealthy()]);
  const { status, details } = await result.catch((error: { getResponse: () => never }) => error.getResponse());
  return { status, connections: details['connections'] };
}

it('reports a module that works', async () => {
  readiness = undefined;
  expect(await check()).toEqual({
    status: 'ok',
    connections: { status: 'up', database: 'up', unreadableConnections: 0 },
  });
});

it.each([
  ['degraded', 'degraded', { status: 'degraded', database: 'up', unreadableConnections: { count: 2 } }],
  ['down', 'error', { status: 'unavailable', database: 'up', unreadableConnections: { count: 2 } }],
  ['down', 'error', { status: 'unavailable', database: 'stuck' }],
] as const)('reports %s, and the health check %s', async (state, status, given) => {
  readiness = given;
  const { database } = given;
  const unreadableConnections = 'unreadableConnections' in given ? given.unreadableConnections.count : 0;
  expect(await check()).toEqual({ status, connections: { status: state, database, unreadableConnections } });
});
