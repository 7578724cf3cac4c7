// The application's own test: its controllers and the API, with a vendor in memory.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConnectionsTestingModule, SimulatedVendor } from '@score-crm/connections/testing';
import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CrmModule } from './application.ts';

for (const Platform of [FastifyAdapter, ExpressAdapter]) {
  let app: INestApplication;
  let url: string;

  before(async () => {
    const module = await Test.createTestingModule({
      imports: [ConnectionsTestingModule.forRoot(), CrmModule],
    }).compile();
    app = module.createNestApplication(new Platform(), { rawBody: true });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  after(() => app.close());

  void test(`sends over the API, and lists what happened, on ${Platform.name}`, async () => {
    const call = async (method: string, path: string, body?: object): Promise<any> => {
      const response = await fetch(`${url}/email/connections${path}`, {
        method,
        headers: { authorization: 'Bearer token-of-ada', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.json();
    };
    const settings = { apiKey: 'any' };
    const { id } = await call('POST', '', { name: 'Test', vendor: 'simulated', fromEmail: 'a@acme.example', settings });
    const to = [{ email: 'bounce@recipient.example' }];
    await call('POST', `/${String(id)}/messages`, { to, subject: 'Hello', text: 'Hello' });
    const vendor = app.get(SimulatedVendor);
    assert.equal(vendor.emails.length, 1);
    await vendor.deliver();
    const { data } = await call('GET', `/${String(id)}/events?order=asc`);
    assert.deepEqual(
      data.map(({ kind }: { kind: string }) => kind),
      ['sent', 'queued', 'bounced'],
    );
  });
}
