import { validateInput } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import { ApiRoutes, ForRestrictedCallers, Public, Requires } from '@score-crm/connections-http';
import {
  Body,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  HttpCode,
  Inject,
  Post,
  Req,
  Res,
  UnauthorizedException,
} from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { PrincipalRateLimits } from '../rate-limits/rate-limiter.ts';
import { SignIn } from './bearer.guard.ts';
import { CurrentPrincipal, type Principal } from './principal.ts';
import { InvalidTokenError } from './auth.errors.ts';
import { CreateSession, SessionResponse } from './session.dto.ts';
import { SessionCookie } from './session-cookie.ts';
import { SessionsService } from './sessions.service.ts';

@ApiTags('Session')
@ApiRoutes()
@Controller('session')
export class SessionController {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
    private readonly limits: PrincipalRateLimits,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Post()
  @Public()
  @ApiOperation({
    summary: 'Sign in',
    description: 'Creates a session for an API key or a JWT, and sets the session cookie.',
    operationId: 'createSession',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateSession' } })
  @ApiCreatedResponse({ type: SessionResponse })
  async open(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<SessionResponse> {
    // Another site must not sign its visitors in to an account that it chose. Programs send no Origin.
    if (request.headers.origin !== undefined && !this.cookie.isFromOurPage(request)) {
      throw new ForbiddenException(
        'The header Origin is not this service. Sessions can be created only from the pages of this service.',
      );
    }
    const input = validateInput(CreateSession, body);
    if (!input.ok) throw new InvalidInputError(input.errors);
    const principal = await this.principalOf(input.value.token.trim(), request.ip);
    await this.limits.countFor(principal, reply);
    const session = await this.sessions.open(principal);
    this.cookie.write(request, reply, session.id, session.expiresAt);
    return this.view(session.principal);
  }

  @Get()
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({ summary: 'Get your organization and scope', operationId: 'getSession' })
  @ApiOkResponse({ type: SessionResponse })
  get(@CurrentPrincipal() principal: Principal): SessionResponse {
    return this.view(principal);
  }

  @Delete()
  @HttpCode(204)
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({ summary: 'Sign out', operationId: 'deleteSession' })
  @ApiNoContentResponse()
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const id = this.cookie.read(request);
    if (id !== undefined) await this.sessions.end(id);
    this.cookie.clear(request, reply);
  }

  private async principalOf(token: string, address: string): Promise<Principal> {
    try {
      return await this.signIn.withToken(token, address);
    } catch (error) {
      throw error instanceof InvalidTokenError ? new UnauthorizedException(error.message) : error;
    }
  }

  private view({ organization, actor, scope, connectionIds, expiresAt }: Principal): SessionResponse {
    const { deletedConnectionRetentionDays, sendingMode = 'live', sendingRedirectTo = null } = this.configuration;
    const ofService = { deletedConnectionRetentionDays, sendingMode, sendingRedirectTo };
    return { organization, actor, scope, connectionIds, expiresAt, ...ofService };
  }
}
