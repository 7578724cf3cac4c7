// The calls of the README's tour with a client of @hey-api/openapi-ts. generated-clients.spec.ts compiles it beside the
// generated client, as an application does, and runs it.
import {
  claimConnection,
  createConnection,
  deleteConnection,
  listConnections,
  listEvents,
  releaseConnection,
  sendMessage,
  testConnection,
  updateConnection,
} from './hey-api';
import { client } from './hey-api/client.gen';

const [, , baseUrl = '', token = '', port = '', password = ''] = process.argv;
client.setConfig({ baseUrl, auth: ({ scheme }) => (scheme === 'bearer' ? token : undefined) });

async function tour(): Promise<void> {
  const { data: connection, response } = await createConnection({
    throwOnError: true,
    body: {
      name: 'Local mailbox',
      vendor: 'smtp',
      fromEmail: 'news@sender.example',
      settings: { host: '127.0.0.1', port: Number(port), secure: false, username: 'user@example.com', password },
    },
  });
  const path = { id: connection.id };
  const found = await listConnections({ throwOnError: true, query: { search: 'mailbox', limit: 10 } });
  const test = await testConnection({ throwOnError: true, path, body: { to: ['ada@recipient.example'] } });
  const sent = await sendMessage({
    throwOnError: true,
    path,
    body: {
      to: [{ email: 'ada@recipient.example', name: 'Ada' }],
      subject: 'Welcome',
      text: 'Hello Ada',
      html: '<p>Hello <b>Ada</b></p>',
      attachments: [{ filename: 'hello.txt', contentType: 'text/plain', content: 'SGVsbG8gQWRhCg==' }],
    },
  });
  const events = await listEvents({ throwOnError: true, path });
  const headers = { 'If-Match': response.headers.get('etag') ?? '' };
  const updated = await updateConnection({ throwOnError: true, path, headers, body: { fromName: 'News' } });
  const stale = await updateConnection({ path, headers, body: { fromName: null } });
  const usage = { ...path, consumer: 'campaign', ref: '42' } as const;
  await claimConnection({ throwOnError: true, path: usage, body: { name: 'Spring sale', status: 'running' } });
  const blocked = await deleteConnection({ path });
  await releaseConnection({ throwOnError: true, path: usage });
  const deleted = await deleteConnection({ throwOnError: true, path });
  const report = {
    found: found.data.data.map(({ id }) => id === connection.id),
    test: test.data.diagnosis.ok,
    sent: sent.data.accepted,
    events: events.data.data.map(({ kind }) => kind),
    fromName: updated.data.fromName,
    stale: stale.error?.code,
    blockedBy: blocked.error?.usages?.map(({ name }) => name),
    deleted: deleted.response.status,
  };
  process.stdout.write(JSON.stringify(report));
}

void tour();
