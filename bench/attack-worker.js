import { request } from 'node:http';
import { workerData } from 'node:worker_threads';

// Apart from the process that measures, so that the work of attacking does not count.
const { url, kind, paths, key } = workerData;
const MIB = 1 << 20;
const SIGNED = {
  'x-twilio-email-event-webhook-signature': 'MEUCIQ==',
  'x-twilio-email-event-webhook-timestamp': '1755444161',
};

/** Sends requests one after the other, for as long as the worker runs. */
function repeat(path, headers, body, length) {
  const sent = request(url + path, { method: 'POST', agent: false, headers: { ...headers, 'content-length': length } });
  let isOver = false;
  const again = () => {
    if (isOver) return;
    isOver = true;
    sent.destroy();
    setTimeout(() => repeat(path, headers, body, length), 50);
  };
  sent.on('response', (response) => response.resume().on('close', again));
  sent.on('error', again).on('close', again);
  if (length === body.length) sent.end(body);
  else sent.write(body);
}

if (kind === 'bodies') {
  const part = Buffer.alloc(120_000, ' ');
  for (let index = 0; index < 200; index++) repeat(paths[index % paths.length], SIGNED, part, part.length + 1);
  for (let index = 0; index < 8; index++) repeat(paths[0], {}, Buffer.alloc(0), 4 * MIB);
}
if (kind === 'json' || kind === 'escapes') {
  const objects = `{"to":[${'{},'.repeat(Math.floor((29 * MIB) / 3))}{}]}`;
  const escapes = `{"to":[{"email":"a@example.com"}],"text":"","subject":"${'\\u0000'.repeat(Math.floor((29 * MIB) / 6))}"}`;
  const body = Buffer.from(kind === 'json' ? objects : escapes);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (let index = 0; index < 4; index++) repeat(paths[0], headers, body, body.length);
}
