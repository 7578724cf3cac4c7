import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export interface RouteBodyLimits {
  readonly bytes: number;
  /** In which the whole body must arrive. */
  readonly milliseconds: number;
}

export const BODY_LIMITS = 'body-limits';

/** For a route without limits of its own. */
export const DEFAULT_BODY_LIMITS: RouteBodyLimits = { bytes: 1 << 20, milliseconds: 10_000 };

/** Sets the limits of a route's JSON body. */
export const BodyLimits = (limits: RouteBodyLimits): CustomDecorator => SetMetadata(BODY_LIMITS, limits);
