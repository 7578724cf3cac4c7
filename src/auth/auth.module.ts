import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { Authenticator, BearerAuthentication, SignIn, SignInLimiter } from './bearer.guard.ts';
import { ApiKeysRepository } from './database/api-keys.repository.ts';
import { SessionsRepository } from './database/sessions.repository.ts';
import { SessionController } from './session.controller.ts';
import { SessionCookie } from './session-cookie.ts';
import { SessionsService } from './sessions.service.ts';

/** API keys, the CRM's JWTs and the console's sessions, and the authentication of requests. */
@Module({
  imports: [ConnectionsModule, RateLimitsModule],
  controllers: [ApiKeysController, SessionController],
  providers: [
    ApiKeysRepository,
    ApiKeysService,
    Authenticator,
    BearerAuthentication,
    SessionCookie,
    SessionsRepository,
    SessionsService,
    SignIn,
    SignInLimiter,
  ],
  exports: [ApiKeysService, BearerAuthentication, SignInLimiter],
})
export class AuthModule {}
