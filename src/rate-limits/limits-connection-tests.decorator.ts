import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const CONNECTION_TESTS = 'score-connections:limits-connection-tests';

/** A route that contacts a host that a tenant chose, with a rate limit for each organization. */
export function LimitsConnectionTests(): CustomDecorator {
  return SetMetadata(CONNECTION_TESTS, true);
}
