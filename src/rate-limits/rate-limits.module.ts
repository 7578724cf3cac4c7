import { Module } from '@nestjs/common';
import { PrincipalRateLimits, RateLimiter, RateLimitGuard } from './rate-limit.guard.ts';
import { RedisConnection } from './redis-connection.ts';

@Module({
  providers: [PrincipalRateLimits, RateLimiter, RateLimitGuard, RedisConnection],
  exports: [PrincipalRateLimits, RateLimiter, RateLimitGuard],
})
export class RateLimitsModule {}
