// The calls of the README's tour with a client of openapi-typescript and openapi-fetch. generated-clients.spec.ts compiles it
// beside the generated types, as an application does.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

const [, , baseUrl = '', token = '', port = '', password = ''] = process.argv;
const api = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

/** The body of a success. */
function bodyOf<T>({ data, error }: { data?: T; error?: components['schemas']['Problem'] }): T {
  if (data === undefined) throw new Error(`${error?.code ?? 'no code'}: ${error?.detail ?? ''}`);
  return data;
}

async function tour(): Promise<void> {
  const created = await api.POST('/api/v1/connections', {
    body: {
      name: 'Local mailbox',
      vendor: 'smtp',
      fromEmail: 'news@sender.example',
      settings: { host: '127.0.0.1', port: Number(port), secure: false, username: 'user@example.com', password },
    },
  });
  const connection = bodyOf(created);
  const path = { id: connection.id };
  const found = bodyOf(await api.GET('/api/v1/connections', { params: { query: { search: 'mailbox', limit: 10 } } }));
  const test = bodyOf(
    await api.POST('/api/v1/connections/{id}/test', { params: { path }, body: { to: ['ada@recipient.example'] } }),
  );
  const sent = bodyOf(
    await api.POST('/api/v1/connections/{id}/messages', {
      params: { path },
      body: {
        to: [{ email: 'ada@recipient.example', name: 'Ada' }],
        subject: 'Welcome',
        text: 'Hello Ada',
        html: '<p>Hello <b>Ada</b></p>',
        attachments: [{ filename: 'hello.txt', contentType: 'text/plain', content: 'SGVsbG8gQWRhCg==' }],
      },
    }),
  );
  const events = bodyOf(await api.GET('/api/v1/connections/{id}/events', { params: { path } }));
  const header = { 'If-Match': created.response.headers.get('etag') ?? '' };
  const updated = bodyOf(
    await api.PATCH('/api/v1/connections/{id}', { params: { path, header }, body: { fromName: 'News' } }),
  );
  const stale = await api.PATCH('/api/v1/connections/{id}', { params: { path, header }, body: { fromName: null } });
  const usage = { ...path, consumer: 'campaign', ref: '42' } as const;
  const claim = { name: 'Spring sale', status: 'running' } as const;
  await api.PUT('/api/v1/connections/{id}/usages/{consumer}/{ref}', { params: { path: usage }, body: claim });
  const blocked = await api.DELETE('/api/v1/connections/{id}', { params: { path } });
  await api.DELETE('/api/v1/connections/{id}/usages/{consumer}/{ref}', { params: { path: usage } });
  const deleted = await api.DELETE('/api/v1/connections/{id}', { params: { path } });
  const report = {
    found: found.data.map(({ id }) => id === connection.id),
    test: test.diagnosis.ok,
    sent: sent.accepted,
    events: events.data.map(({ kind }) => kind),
    fromName: updated.fromName,
    stale: stale.error?.code,
    blockedBy: blocked.error?.usages?.map(({ name }) => name),
    deleted: deleted.response.status,
  };
  process.stdout.write(JSON.stringify(report));
}

void tour();
