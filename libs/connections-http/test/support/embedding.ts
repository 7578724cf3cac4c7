import type { AddressInfo } from 'node:net';
import {
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type NestApplicationOptions,
  Post,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ConnectionsModule } from '@score-crm/connections';
import { ConnectionsTestingModule } from '@score-crm/connections/testing';
import {
  type ApiCaller,
  ApiRoutes,
  type CallerResolver,
  ConnectionsHttpModule,
  type ConnectionsHttpOptions,
  CurrentCaller,
  type RequestCaller,
  Requires,
} from '../../src/index.ts';

export const PLATFORMS = ['fastify', 'express'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** An application's own way to authenticate: the caller is JSON in a header. */
@Injectable()
export class HeaderCallers implements CallerResolver {
  resolve(context: ExecutionContext): RequestCaller | undefined {
    const { headers } = context.switchToHttp().getRequest<{ readonly headers: Readonly<Record<string, string>> }>();
    const { caller } = headers;
    return caller === undefined ? undefined : (JSON.parse(caller) as RequestCaller);
  }
}

export const ADA = { organization: 'acme', actor: 'ada', scope: 'manage' } as const satisfies RequestCaller;

/** A controller of the application with the guard of the API. */
@ApiRoutes()
@Controller('notes')
class NotesController {
  @Get()
  @Requires('send')
  list(@CurrentCaller() { actor, connectionIds }: ApiCaller): object {
    return { actor, connectionIds };
  }

  /** It declares no scope. */
  @Post()
  create(): object {
    return {};
  }
}

@Module({ imports: [ConnectionsModule], controllers: [NotesController] })
class NotesModule {}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: any;
}

export interface Call {
  readonly caller?: Partial<RequestCaller> | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An application with the module at `/crm/email`, and the lines that it logs. */
export class EmbeddingApplication {
  readonly lines: string[] = [];
  private url = '';

  private constructor(readonly app: INestApplication) {}

  static async start(
    platform: Platform,
    options: NestApplicationOptions = { rawBody: true },
    http: Partial<ConnectionsHttpOptions> = {},
    prepare: (app: INestApplication) => void = () => undefined,
  ): Promise<EmbeddingApplication> {
    const module = await Test.createTestingModule({
      imports: [
        ConnectionsTestingModule.forRoot(),
        ConnectionsHttpModule.forRoot({ path: 'email', callers: new HeaderCallers(), ...http }),
        NotesModule,
      ],
    }).compile();
    const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter({ bodyLimit: 5 << 20 });
    const app = module.createNestApplication(adapter, options);
    const embedding = new EmbeddingApplication(app);
    const write = (line: unknown): void => void embedding.lines.push(String(line));
    app.useLogger({ log: () => undefined, warn: write, error: write, fatal: write });
    app.setGlobalPrefix('crm');
    prepare(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    embedding.url = `http://127.0.0.1:${String(port)}`;
    return embedding;
  }

  async call(method: string, path: string, { caller = ADA, headers = {}, body }: Call = {}): Promise<Answer> {
    const response = await this.fetch(path, {
      method,
      headers: {
        ...(caller === null ? {} : { caller: JSON.stringify(caller) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }
}

/** A connection of the simulated vendor. */
export function simulated(name = 'Campaigns'): object {
  return { name, vendor: 'simulated', fromEmail: 'news@acme.example', settings: { apiKey: 'right' } };
}
