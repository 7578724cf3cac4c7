// Another Nest application, built from the packed packages as ESM and as CommonJS (test/process/embedding-application.spec.ts).
import {
  type Caller,
  type Connection,
  ConnectionsExceptionFilter,
  ConnectionsModule,
  ConnectionsService,
  type ConnectionTest,
  ConnectionTester,
  EmailSender,
} from '@score-crm/connections';
import { type CallerResolver, ConnectionsHttpModule, type RequestCaller } from '@score-crm/connections-http';
import { ConnectionsHealthIndicator } from '@score-crm/connections/terminus';
import { Body, Controller, type ExecutionContext, Get, Injectable, Module, Param, Post } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';

const CALLER: Caller = { organization: 'acme', actor: 'crm' };

/** What the application makes of the connections itself. */
@Controller('accounts')
class AccountsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly tester: ConnectionTester,
    private readonly sender: EmailSender,
  ) {}

  @Post()
  create(@Body() body: any): Promise<Connection> {
    return this.connections.create(CALLER, body);
  }

  @Get()
  async list(): Promise<readonly Connection[]> {
    return (await this.connections.list(CALLER, { limit: 10 })).data;
  }

  /** What the application does wrong itself is not the filter's business. */
  @Get('broken')
  broken(): never {
    throw new Error('Broken by the application.');
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<Connection> {
    return this.connections.get(CALLER, id);
  }

  @Post(':id/test')
  test(@Param('id') id: string): Promise<ConnectionTest> {
    return this.tester.test(CALLER, id, { to: ['ada@recipient.example'] });
  }

  @Post(':id/messages')
  async send(@Param('id') id: string): Promise<{ readonly accepted: readonly string[] }> {
    const { accepted } = await this.sender.send(CALLER, id, {
      to: [{ email: 'ada@recipient.example', name: 'Ada' }],
      subject: 'Welcome',
      text: 'Hello Ada',
    });
    return { accepted };
  }
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly connections: ConnectionsHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.connections.isHealthy()]);
  }
}

/** The application's own users. */
@Injectable()
export class TokenCallers implements CallerResolver {
  resolve(context: ExecutionContext): RequestCaller | undefined {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    if (headers['authorization'] !== 'Bearer token-of-ada') return undefined;
    return { organization: 'acme', actor: 'ada', scope: 'manage' };
  }
}

@Module({ providers: [TokenCallers], exports: [TokenCallers] })
class UsersModule {}

/** Everything but the database and the vendors. */
@Module({
  imports: [
    ConnectionsModule,
    ConnectionsHttpModule.forRootAsync({
      path: 'email',
      imports: [UsersModule],
      inject: [TokenCallers],
      useFactory: (callers: TokenCallers) => ({ callers }),
    }),
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [AccountsController, HealthController],
  providers: [ConnectionsHealthIndicator, { provide: APP_FILTER, useClass: ConnectionsExceptionFilter }],
})
export class CrmModule {}
