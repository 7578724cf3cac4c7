import { randomBytes } from 'node:crypto';
import type { Scope } from '@score-crm/connections-http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication, start } from '../../src/app.setup.ts';
import { ApiKeysService } from '../../src/auth/api-keys.service.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { parseDatabaseUrl } from '../../src/config/urls.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { checkContract } from './contract.ts';
import type { TestDatabase } from './databases.ts';
import { findSecrets } from './secret-search.ts';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface CallOptions {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is where it is text. */
  readonly body?: unknown;
}

export const TEST_KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** The whole service on a port of its own, listening to itself: every log line and every response is kept. */
export class TestService {
  readonly logs: string[] = [];
  readonly responses: string[] = [];
  private readonly secrets = new Set<string>();

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly database: TestDatabase,
    readonly key: string,
    logs: string[],
  ) {
    this.logs = logs;
  }

  static async start(database: TestDatabase, overrides: Partial<Configuration> = {}): Promise<TestService> {
    const logs: string[] = [];
    const configuration: Configuration = {
      production: false,
      host: '127.0.0.1',
      port: 0,
      trustProxy: false,
      database: parseDatabaseUrl(database.url),
      encryptionKeys: TEST_KEY,
      outboundAllow: [],
      outboundPorts: [],
      vendorEndpoints: {},
      // Longer than a busy machine needs: what is tested is seldom the deadline.
      databaseTimeoutMs: 60_000,
      sendTimeoutMs: 45_000,
      deletedConnectionRetentionDays: 30,
      // Tests check by themselves.
      webhookHealthChecks: false,
      // Fixtures have fixed times: their events must not become too old to be stored.
      retentionDays: { events: 0 },
      // Tests do a lot with one key, and from one address.
      rateLimits: { requests: 0, connectionTests: 0, signInFailures: 20 },
      migrationLockTimeoutMs: 60_000,
      shutdownDrainMs: 0,
      shutdownTimeoutMs: 60_000,
      logLevel: 'debug',
      ...overrides,
    };
    const logger = createLogger(configuration.logLevel, { write: (line: string) => void logs.push(line) });
    const isEmpty = await database.restoreSchema('service');
    const app = await createApplication(configuration, logger);
    await start(app, configuration);
    if (isEmpty) await database.keepSchema('service');
    const { key } = await app
      .get(ApiKeysService)
      .create({ organization: 'default', actor: 'test' }, { name: 'Test', scope: 'manage' });
    const service = new TestService(app, await app.getUrl(), database, key, logs);
    service.secrets.add(key);
    if (configuration.jwt?.key.kind === 'secret') service.keepSecret(configuration.jwt.key.secret);
    return service;
  }

  /** Nothing that the service writes or answers may hold this either. */
  keepSecret(secret: string): void {
    this.secrets.add(secret);
  }

  /** A new secret. Nothing that the service writes or answers may hold it. */
  secret(prefix = ''): string {
    // Characters that look different in a URL, in JSON and in base64.
    const secret = `${prefix}${randomBytes(12).toString('hex')}/+"ü%`;
    this.secrets.add(secret);
    return secret;
  }

  /** Looks after a secret that came from elsewhere as after one of its own. */
  watch(secret: string): string {
    this.secrets.add(secret);
    return secret;
  }

  async tokenFor(organization: string, scope: Scope = 'manage'): Promise<string> {
    const keys = this.app.get(ApiKeysService);
    const { key } = await keys.create({ organization, actor: 'test' }, { name: `${organization} ${scope}`, scope });
    this.secrets.add(key);
    return key;
  }

  /**
   * Calls the API over HTTP, by default as the manager of the organization `default`.
   * @throws ContractViolation if docs/openapi.json does not declare the response
   */
  async call<T = any>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const token = options.token === undefined ? this.key : options.token;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined
        ? {}
        : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    });
    const text = await response.text();
    this.responses.push(JSON.stringify([...response.headers]), text);
    const contentType = response.headers.get('content-type');
    checkContract({ method, path, status: response.status, contentType, text });
    const isJson = /json/.test(contentType ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
    };
  }

  /** Stops the service, and proves that it kept its secrets to itself. */
  async stop(): Promise<void> {
    await this.app.close();
    await this.assertSecretsKept();
  }

  async assertSecretsKept(): Promise<void> {
    const places = {
      database: await this.database.dump(),
      logs: Buffer.from(this.logs.join('\n')),
      responses: Buffer.from(this.responses.join('\n')),
    };
    for (const [place, bytes] of Object.entries(places)) {
      const findings = findSecrets(bytes, this.secrets);
      if (findings.length > 0) throw new Error(`A secret is in the ${place}: ${JSON.stringify(findings[0])}`);
    }
  }
}
