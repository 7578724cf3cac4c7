import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Starts the service as a separate process. Of this environment it gets only PATH. */
export async function startService(wantedPort, folder, endpoints) {
  // The service needs its URL before it listens, because it registers webhooks with it.
  const port = wantedPort === 0 ? await freePort() : wantedPort;
  const url = `http://127.0.0.1:${port}`;
  const apiUrls = Object.entries(endpoints).map(([vendor, own]) => [`${vendor.toUpperCase()}_API_URL`, own]);
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: folder,
      PORT: String(port),
      PUBLIC_URL: url,
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
      ...Object.fromEntries(apiUrls),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code);
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    return { url, key: await firstKey(child), exited, stop, logTo: (stream) => child.stdout.pipe(stream) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The API key that the service prints when it has started. */
async function firstKey(child) {
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    const key = /sk_[\w-]+(?=\s)/.exec(said)?.[0];
    if (key !== undefined) return key;
  }
  throw new Error(
    `The service could not start. If the port is in use, choose a free one: PORT=0 npm run sandbox\n${said}`,
  );
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
