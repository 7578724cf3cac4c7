// Measures the structure of the code and prints it as Markdown tables. `npm run structure` builds the service first; with
// `-- --files` the script also lists the files that each request passes.
//
// Definitions
// - Source files: .ts, .tsx and .css in src and libs/*/src. Sandboxes, tests and generated files (those that say so in their
//   first lines) do not count. The console counts both in the total and on its own.
// - Lines: all lines of a file. The 90th percentile is the smallest number that nine of ten files do not exceed.
// - Lines of a vendor: non-blank lines. Its source excludes assumptions.ts. Its sandbox is src/sandbox or sandbox, and its tests
//   are the .ts files in test.
// - Files passed: source files of the service, the API, the module, the kit and the vendor in which at least one function ran during
//   one request, according to V8's precise coverage. Code at the top level of a file does not count. The built service runs in
//   this process, on SQLite, with its default configuration. Before a request is measured, one of its kind warms up. Timers in
//   the background can only add files, so the request of five that passes the fewest files counts.
// - A settings change replaces the API key of a SendGrid connection by PATCH. A webhook is a signed request with one event,
//   until it is stored. A message is a POST to the connection, up to the vendor's reply.
import { execFileSync } from 'node:child_process';
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const VENDOR = 'sendgrid';
const REQUESTS = 5;
/** Time for what the service does after its response, such as logging it. */
const AFTER_RESPONSE_MS = 100;
const MEASURED = new RegExp(`/(src|libs/(connections|connections-http|adapter-kit|adapter-${VENDOR})/src)/`);
const root = new URL('../', import.meta.url);

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'libs'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(ts|tsx|css)$/.test(path) && existsSync(new URL(path, root)))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

const { passed, lists } = await measureRequests();
process.stdout.write(`${sourceTable()}\n${vendorTable()}\n${passedTable(passed)}${lists}`);
process.exit();

function isSource({ path, text }) {
  return (
    /^(src|libs\/[^/]+\/src)\//.test(path) && !isSandbox(path) && !/generated .*\bby\b|auto-generated/i.test(head(text))
  );
}

function isSandbox(path) {
  return /^libs\/(sandbox|[^/]+\/(src\/)?sandbox)\//.test(path);
}

function head(text) {
  return text.split('\n', 3).join('\n');
}

function sourceTable() {
  const sources = files.filter(isSource);
  const inConsole = sources.filter(({ path }) => path.startsWith('libs/console/'));
  const row = (name, group) => {
    const lines = group.map(({ text }) => text.trimEnd().split('\n').length).sort((a, b) => a - b);
    const percentile = (part) => lines[Math.ceil(lines.length * part) - 1];
    const short = lines.filter((count) => count <= 20).length;
    const total = lines.reduce((sum, count) => sum + count, 0);
    return `| ${name} | ${lines.length} | ${total} | ${percentile(0.5)} | ${percentile(0.9)} | ${short} | ${lines.at(-1)} |\n`;
  };
  return `| Source | Files | Lines | Median | 90th percentile | Files of 20 lines or fewer | Longest |
| --- | --: | --: | --: | --: | --: | --: |
${row('All', sources)}${row('Of these, the console', inConsole)}`;
}

function vendorTable() {
  const vendors = [...new Set(files.flatMap(({ path }) => /^libs\/adapter-(?!kit\/)([^/]+)/.exec(path)?.[1] ?? []))];
  const totals = new Map();
  const cell = (vendor, part, isPart) => {
    const own = files.filter(({ path }) => path.startsWith(`libs/adapter-${vendor}/`)).filter(isPart);
    const lines = own.flatMap(({ text }) => text.split('\n')).filter((line) => line.trim() !== '').length;
    const [fileTotal, lineTotal] = totals.get(part) ?? [0, 0];
    totals.set(part, [fileTotal + own.length, lineTotal + lines]);
    return `${own.length} | ${lines} |`;
  };
  const rows = vendors.map((vendor) => {
    const source = cell(vendor, 'source', (file) => isSource(file) && !file.path.endsWith('/assumptions.ts'));
    const sandbox = cell(vendor, 'sandbox', ({ path }) => isSandbox(path));
    const tests = cell(vendor, 'tests', ({ path }) => /^libs\/[^/]+\/test\/.*\.ts$/.test(path));
    return `| ${vendor} | ${source} ${sandbox} ${tests}\n`;
  });
  const total = [...totals.values()].flat().join(' | ');
  return `| Vendor | Source files | Lines | Sandbox files | Lines | Test files | Lines |
| --- | --: | --: | --: | --: | --: | --: |
${rows.join('')}| All | ${total} |
`;
}

function passedTable(passed) {
  const rows = passed.map(({ name, paths }) => `| ${name} | ${paths.length} |\n`);
  return `| Request | Source files passed |\n| --- | --: |\n${rows.join('')}`;
}

async function measureRequests() {
  const folder = mkdtempSync(join(tmpdir(), 'score-structure-'));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const vendor = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(202, { 'x-message-id': randomId() }).end());
  });
  await once(vendor.listen(0, '127.0.0.1'), 'listening');
  const { url, key } = await startService(folder, `http://127.0.0.1:${vendor.address().port}`);
  const call = async (method, path, body, headers = { authorization: `Bearer ${key}` }) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const { id } = await call('POST', '/api/v1/connections', {
    name: 'Measured',
    vendor: VENDOR,
    fromEmail: 'news@sender.example',
    settings: {
      apiKey: newApiKey(),
      webhookSigningKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    },
  });
  const path = `/api/v1/connections/${id}`;
  const kinds = [
    { name: 'Settings change', request: () => call('PATCH', path, { settings: { apiKey: newApiKey() } }) },
    {
      name: 'Webhook',
      request: () => {
        const event = {
          email: 'ada@recipient.example',
          timestamp: seconds(),
          event: 'delivered',
          sg_event_id: randomId(),
          sg_message_id: `${randomId()}.recvd-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.0`,
        };
        const timestamp = String(seconds());
        const signer = createSign('sha256')
          .update(timestamp)
          .update(JSON.stringify([event]));
        return call('POST', `/webhooks/v2/${VENDOR}/${id}`, [event], {
          'X-Twilio-Email-Event-Webhook-Signature': signer.sign(privateKey, 'base64'),
          'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
        });
      },
    },
    {
      name: 'Message',
      request: () => {
        const to = [{ email: 'ada@recipient.example' }];
        return call('POST', `${path}/messages`, { to, subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' });
      },
    },
  ];

  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const passed = [];
  for (const { name, request } of kinds) {
    const passes = [];
    for (let count = 0; count <= REQUESTS; count++) {
      await session.post('Profiler.takePreciseCoverage');
      await request();
      await delay(AFTER_RESPONSE_MS);
      // The first request warms up.
      if (count > 0) passes.push(filesPassed(await session.post('Profiler.takePreciseCoverage')));
    }
    passed.push({ name, paths: passes.sort((a, b) => a.length - b.length)[0] });
  }
  rmSync(folder, { recursive: true, force: true });
  if (!process.argv.includes('--files')) return { passed, lists: '' };
  const lists = passed.map(({ name, paths }) => `\n${name}\n\n- ${paths.join('\n- ')}\n`).join('');
  return { passed, lists };
}

/** Starts the built service in this process. Reads the key of its first start from the text it prints. */
async function startService(folder, vendorUrl) {
  Object.assign(process.env, {
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'error',
    [`${VENDOR.toUpperCase()}_API_URL`]: vendorUrl,
  });
  const write = process.stdout.write.bind(process.stdout);
  let output = '';
  process.stdout.write = (chunk) => {
    output += chunk;
    return true;
  };
  try {
    await import(new URL('dist/main.js', root).href);
  } finally {
    process.stdout.write = write;
  }
  const [key] = /sk_[\w-]{43}/.exec(output) ?? [];
  const [, url] = /(http:\/\/\S+:\d+)\/api\/docs/.exec(output) ?? [];
  if (key === undefined || url === undefined) throw new Error(`The service did not start:\n${output}`);
  return { url: url.replace(/\/\/[^:/]+|\/\/\[.*\]/, '//127.0.0.1'), key };
}

/** The source files in which a function ran. The top level of a file is reported as a function at offset 0. */
function filesPassed({ result }) {
  const passed = result
    .filter(({ functions }) => functions.some(({ ranges: [{ startOffset, count }] }) => startOffset > 0 && count > 0))
    .map(({ url }) =>
      url
        .replace(root.href, '')
        .replace(/^dist\//, 'src/')
        .replace('/dist/', '/src/'),
    )
    .map((path) => path.replace(/\.js$/, '.ts'))
    .filter((path) => existsSync(new URL(path, root)) && MEASURED.test(`/${path}`) && !isSandbox(path));
  return [...new Set(passed)];
}

function newApiKey() {
  return `SG.${randomBytes(24).toString('base64url')}`;
}

function randomId() {
  return randomBytes(16).toString('base64url');
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}
