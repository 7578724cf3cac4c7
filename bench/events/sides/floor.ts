// The least that can receive webhooks: no framework, no ORM, one table, one group commit.
import { createPublicKey, createVerify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { createConnection } from 'mysql2/promise';
import { BODY_LIMIT, SIDE_ENVIRONMENT, SIGNATURE, TIMESTAMP, type VendorEvent } from './table.ts';

type Row = readonly [number, string, string, number, string, string, string];

interface Batch {
  readonly rows: readonly Row[];
  readonly bytes: number;
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

const { port, databaseUrl, webhookKey } = SIDE_ENVIRONMENT;
/** Half of the largest statement that MariaDB accepts by default: texts are longer when they are escaped. */
const GROUP_BYTES = 8 * 1024 * 1024;
const INSERT = 'INSERT IGNORE INTO events (connection_id, event_id, kind, time, recipient, message_id, raw) VALUES ?';

const key = createPublicKey({ key: Buffer.from(webhookKey, 'base64'), format: 'der', type: 'spki' });
const database = await createConnection({ uri: databaseUrl });
const waiting: Batch[] = [];
let isCommitting = false;

createServer((request, response) => {
  void answer(request)
    .catch(() => 500)
    .then((status) => response.writeHead(status).end());
}).listen(port, '127.0.0.1');

async function answer(request: IncomingMessage): Promise<number> {
  // Asks whether it has started.
  return request.method === 'GET' ? 200 : receive(request);
}

async function receive(request: IncomingMessage): Promise<number> {
  const body = await read(request);
  if (body === undefined) return 413;
  const { [SIGNATURE]: signature, [TIMESTAMP]: timestamp } = request.headers;
  if (typeof signature !== 'string' || typeof timestamp !== 'string') return 401;
  if (!createVerify('sha256').update(timestamp).update(body).verify(key, signature, 'base64')) return 401;
  const connection = Number(request.url?.split('/').at(-1));
  const events = JSON.parse(body.toString()) as VendorEvent[];
  const rows = events.map((event): Row => {
    const { sg_event_id: id, event: kind, timestamp: time, email, sg_message_id: messageId } = event;
    return [connection, id, kind, time, email, messageId, JSON.stringify(event)];
  });
  await new Promise<void>((stored, failed) => {
    waiting.push({ rows, bytes: body.length, stored, failed });
    if (!isCommitting) void commitWaiting();
  });
  return 200;
}

async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Requests that arrive during a commit share the next one. */
async function commitWaiting(): Promise<void> {
  isCommitting = true;
  while (waiting.length > 0) {
    const group = nextGroup();
    try {
      await database.query(INSERT, [group.flatMap(({ rows }) => rows)]);
      for (const { stored } of group) stored();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }
  isCommitting = false;
}

function nextGroup(): Batch[] {
  let bytes = 0;
  const end = waiting.findIndex((batch, index) => (bytes += batch.bytes) > GROUP_BYTES && index > 0);
  return waiting.splice(0, end === -1 ? waiting.length : end);
}
