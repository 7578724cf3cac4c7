import { Module } from '@nestjs/common';
import { PrincipalRateLimits, RateLimiter } from './rate-limiter.ts';
import { RedisConnection } from './redis-connection.ts';

@Module({
  providers: [PrincipalRateLimits, RateLimiter, RedisConnection],
  exports: [PrincipalRateLimits, RateLimiter, RedisConnection],
})
export class RateLimitsModule {}
