import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const CONNECTION_TESTS = 'score-connections:limits-connection-tests';

/** A route that contacts a host at a tenant's request, and that an organization may therefore call only so often. */
export function LimitsConnectionTests(): CustomDecorator {
  return SetMetadata(CONNECTION_TESTS, true);
}
