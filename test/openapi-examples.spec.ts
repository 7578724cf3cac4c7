import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from './support/databases.ts';
import { checkContract } from './support/contract.ts';
import { TestService } from './support/service.ts';
import { VENDORS } from './support/vendors.ts';

interface Content {
  readonly example?: { readonly status: number };
  readonly examples?: Readonly<Record<string, { readonly value: object }>>;
}

const { paths, components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, Content> } }>>;
  components: { responses: Record<string, { content: Record<string, Content> }> };
};

function requestExamples(path: string): [vendor: string, body: object][] {
  const examples = paths[path]?.['post']?.requestBody?.content['application/json']?.examples ?? {};
  return Object.entries(examples).map(([vendor, { value }]) => [vendor, value]);
}

const CREATE = '/api/v1/connections';
const TEST = '/api/v1/connections/test';
const SEND = '/api/v1/connections/{id}/messages';

describe('the examples of docs/openapi.json', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it.each([CREATE, TEST, SEND])('of POST %s exist for every vendor', (path) => {
    expect(requestExamples(path).map(([vendor]) => vendor)).toEqual(VENDORS.toSorted());
  });

  it.each(requestExamples(CREATE))('create a connection of %s', async (_vendor, body) => {
    const { status, body: connection } = await service.call('POST', CREATE, { body });
    expect([status, connection.errors]).toEqual([201, undefined]);
  });

  // The hosts of the examples do not resolve, and vendors do not know the keys: the tests are valid, but fail.
  it.each(requestExamples(TEST).filter(([vendor]) => vendor === 'smtp'))(
    'test settings of %s',
    async (_vendor, body) => {
      expect((await service.call('POST', TEST, { body })).status).toBe(200);
    },
  );

  it.each(requestExamples(SEND))('send a message through %s', async (vendor, message) => {
    const [, connection] = requestExamples(CREATE).find(([key]) => key === vendor) ?? [];
    const created = await service.call('POST', CREATE, { body: connection });
    const path = SEND.replace('{id}', String(created.body.id));
    // An unknown field is the only error, so the message itself is valid and nothing is sent.
    const answer = await service.call('POST', path, { body: { ...message, unknown: true } });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/unknown']);
  });

  it.each(Object.entries(components.responses))('describe the error %s', (_name, { content }) => {
    const { example } = content['application/problem+json'] ?? {};
    const status = example?.status ?? 0;
    const received = { method: 'GET', path: '/api/v1/nothing', status: 404, contentType: 'application/problem+json' };
    expect(status).toBeGreaterThanOrEqual(400);
    checkContract({ ...received, text: JSON.stringify({ ...example, status: 404 }) });
  });
});
